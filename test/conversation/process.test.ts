import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";

import { afterAll, expect, it } from "vitest";
import { config } from "../../src/config.ts";
import { startServer } from "../../src/server.ts";
import { logger } from "../../src/telemetry/log.ts";
import { connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { faults, startModelServer } from "../support/model-server.ts";
import { rawClient } from "../support/raw-client.ts";
import { isLong } from "../support/size.ts";
import { inherited } from "../support/spawned.ts";
import { start } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "conversation-process-"));
const model = await startModelServer();
const children = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The server process, as `npm start` runs it. */
function run(env: Record<string, string>) {
  const settings = {
    PORT: "0",
    API_KEYS: "canary-key=user-a",
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "canary-model-key",
  };
  const root = new URL("../..", import.meta.url).pathname;
  const child = spawn(process.execPath, ["src/main.ts"], {
    cwd: root,
    env: { ...inherited(), MODEL: "test-model", ...settings, ...env },
  });
  children.add(child);
  const listening = Promise.withResolvers<string>();
  const exit = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>; // as Node documents the event
  const program = { output: "", child, exit, listening: listening.promise };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => {
      program.output += data;
      const line = /^listening on (http:\/\/\S+)$/m.exec(stripVTControlCharacters(program.output));
      if (line?.[1]) listening.resolve(line[1]);
    });
  }
  exit.then(() => listening.reject(new Error(`ended: ${program.output}`)));
  listening.promise.catch(() => {});
  return program;
}

it("a server creates the database's directories and files for its owner only", async () => {
  const path = join(folder, "a", "b", "conversations.db");
  await using server = await start({ DATABASE_URL: `sqlite:${path}` });
  await using client = await server.connect();
  await (await client.join("c")).ask("Hi", simple);
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (existsSync(file)) expect((statSync(file).mode & 0o777).toString(8), file).toBe("600");
  }
  expect((statSync(join(folder, "a", "b")).mode & 0o077).toString(8)).toBe("0");
});

it("the log has no key, token or content at any level, and one line per event", async () => {
  const program = run({
    LOG_LEVEL: "trace",
    DATABASE_URL: `sqlite:${join(folder, "logs.db")}`,
    AUTH_JWT_SECRET: "canary-secret",
  });
  const url = await program.listening;
  for (const params of [{ api_key: "canary-wrong" }, { token: "canary.wrong.token" }])
    await expect(connect(url, { params })).rejects.toMatchObject({ status: 403 });
  await expect(connect(url, { authToken: "canary-wrong-too" })).rejects.toMatchObject({ status: 403 });
  await fetch(`${url}/socket/longpoll?api_key=canary-lp&vsn=2.0.0`, {
    headers: { "x-phoenix-authtoken": "canary-header" },
  });
  await using client = await connect(url, { apiKey: "canary-key" });
  const conversation = await client.join("c", { preferences: { style: "canary-preference" } });
  const content = 'canary-content\r\n{"level":50,"msg":"forged"}\u001b[31m';
  await conversation.push("set_context", { context: { note: "canary-context" } });
  model.next({ text: "canary-answer" });
  await conversation.ask(content, simple);
  model.next({ ...faults.unauthorized }, { ...faults.badRequest });
  await conversation.ask(content, simple);
  await conversation.ask(content, simple);
  await conversation.push("message", { content: 5, note: "canary-payload" });
  await using raw = await rawClient(url, { params: { api_key: "canary-key" } });
  raw.send("canary-frame, no JSON");
  await raw.waitClose();
  program.child.kill("SIGTERM");
  expect(await program.exit).toEqual([0, null]);
  expect(program.output.split("\n").length).toBeGreaterThan(3);
  const leaks = program.output.split("\n").filter((line) => line.includes("canary"));
  expect(leaks.map((line) => line.slice(0, 2000))).toEqual([]);
  expect(program.output).not.toContain("forged");
});

it.runIf(isLong)("a server does not start with wrong API_KEYS: it names them, without the key", async () => {
  const program = run({ API_KEYS: "canary-key" });
  const [code] = await program.exit;
  expect(code).not.toBe(0);
  expect(program.output).toContain("API_KEYS");
  expect(program.output).not.toContain("canary");
});

it("a server does not start with a wrong PROMPTS_DIR, and names it", async () => {
  const DATABASE_URL = `sqlite:${join(folder, "no-prompts.db")}`;
  await expect(startServer(config({ DATABASE_URL, PROMPTS_DIR: "/nowhere" }), [], logger("silent"))).rejects.toThrow(
    "PROMPTS_DIR",
  );
});

import { execFile } from "node:child_process";
import { copyFileSync, linkSync, renameSync, symlinkSync } from "node:fs";
import { describe, expect, it } from "vitest";

import packageJson from "../../package.json" with { type: "json" };
import { gate, startModelServer } from "../support/model-server.ts";
import { inherited } from "../support/spawned.ts";
import { start } from "../support/start.ts";
import { databaseFile } from "./database-file.ts";

const simple = { options: { engine: "simple" } };
const [, ...startArguments] = packageJson.scripts.start.split(" ");

/** Starts a server that should refuse to start. Returns its exit code (null if it had to be killed) and its output. */
function refusedStart(path: string): Promise<{ code: unknown; said: string }> {
  const env = { ...inherited(), PORT: "0", LOG_LEVEL: "silent", DATABASE_URL: `sqlite:${path}` };
  return new Promise((resolve) => {
    execFile(process.execPath, startArguments, { env, timeout: 20_000 }, (error, _out, said) =>
      resolve({ code: error ? error.code : 0, said }),
    );
  });
}

describe("a second server on the same database", { timeout: 30_000 }, () => {
  it("does not start and says why, by its own path, by a symbolic link and by a hard link; the first one goes on", async () => {
    using file = await databaseFile();
    await using model = await startModelServer();
    await using server = await start({ ...file.env, OPENAI_BASE_URL: model.url });
    await using client = await server.connect();
    const conversation = await client.join("first");
    const door = gate();
    model.next({ text: "one two", gate: door });
    const { response } = await conversation.push("message", { content: "Go", ...simple });
    await door.held();
    symlinkSync(file.path, `${file.path}-alias`);
    const own = await Promise.all([refusedStart(file.path), refusedStart(`${file.path}-alias`)]);
    linkSync(file.path, `${file.path}-twin`);
    const twin = await refusedStart(`${file.path}-twin`);
    for (const { said } of own) expect(said).toContain("is in use by another process");
    expect(twin.said).toContain("has a hard link");
    for (const { code, said } of [...own, twin]) {
      expect(said.trim().split("\n")).toHaveLength(1);
      expect(code).toBe(1);
    }
    door.open();
    expect((await conversation.turn(response.turn_id)).terminal.payload.response).toBe("one two");
    expect((await conversation.ask("Still there?", simple)).terminal.event).toBe("response");
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
  });
});

describe("a database file that disappears while the server runs", () => {
  it.each([
    ["is moved", () => {}],
    ["is replaced by another file", (path: string) => copyFileSync(`${path}-away`, path)],
  ])("and %s makes it unready until the file is back", async (_how, replace) => {
    using file = await databaseFile();
    await using server = await start(file.env);
    const ready = async () => (await fetch(`${server.http}/readyz`)).status;
    const within = { timeout: 5_000 };
    await expect.poll(ready, within).toBe(200);
    renameSync(file.path, `${file.path}-away`);
    replace(file.path);
    await expect.poll(ready, within).toBe(503);
    expect((await fetch(`${server.http}/healthz`)).status).toBe(200);
    renameSync(`${file.path}-away`, file.path);
    await expect.poll(ready, within).toBe(200);
    await using client = await server.connect();
    expect((await (await client.join("first")).ask("Again?", simple)).terminal.event).toBe("response");
  });
});

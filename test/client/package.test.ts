import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

import { start } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "client-package-"));
const modules = join(folder, "node_modules");
const server = await start();
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Installs the packed package and its dependencies like npm does. */
beforeAll(() => {
  mkdirSync(join(modules, "@types"), { recursive: true });
  const packed = execFileSync(
    "npm",
    ["pack", "--silent", "--workspace", "packages/client", "--pack-destination", folder],
    { encoding: "utf8" },
  );
  const file = packed.trim().split("\n").at(-1) ?? "";
  execFileSync("tar", ["-xzf", join(folder, file), "-C", modules]);
  symlinkSync(join(modules, "package"), join(modules, "conversation-channel-client"));
  for (const name of ["phoenix", "ws", "@types/phoenix"]) {
    symlinkSync(join(process.cwd(), "node_modules", name), join(modules, name));
  }
}, 60_000);

const page = `
import { Socket } from "phoenix";
import { conversation } from "conversation-channel-client";
`;

it("the packed client runs in plain Node beside npm's phoenix", () => {
  const program = `${page}
import { WebSocket } from "ws";
const socket = new Socket("${server.url}", { params: { api_key: "key-a" }, transport: WebSocket });
socket.connect();
let text = "";
for await (const event of conversation(socket, "packed").ask("Hello?")) if (event.type === "text") text += event.delta;
console.log(text);
process.exit(0);
`;
  writeFileSync(join(folder, "page.mjs"), program);
  return expect(output(process.execPath, ["page.mjs"])).resolves.toBe("Answer to: Hello?\n");
});

it("its types cover events, payloads and replies, and reject anything else", async () => {
  const program = `${page}
declare const socket: Socket;
const chat = conversation(socket, "typed", { on: { text: ({ text, delta }) => text.endsWith(delta) } });
export async function used(): Promise<string[]> {
  const { turns } = await chat.push("get_history", { limit: 5 });
  const answer = await chat.ask("Hello?", { options: { engine: "analysis" } }).response;
  const points = answer.conversation_type === "analysis" ? (answer.metadata.analysis_points ?? []) : [];
  // @ts-expect-error: the steps are of another engine
  if (answer.conversation_type === "analysis") points.push(...answer.metadata.steps);
  const state = chat.store.getSnapshot();
  for (const part of state.turns.flatMap(({ parts }) => parts)) if (part.type === "step") points.push(part.step);
  // @ts-expect-error: no such event
  await chat.push("shout", {});
  // @ts-expect-error: a score is a number
  await chat.push("feedback", { turn_id: "1", score: "good" });
  // @ts-expect-error: no such engine
  chat.ask("Hello?", { options: { engine: "poetry" } });
  return [...turns.map(({ status }) => status), answer.metadata.model_used, ...points];
}
`;
  writeFileSync(join(folder, "page.ts"), program);
  const settings = { strict: true, noEmit: true, module: "nodenext", target: "es2022", lib: ["es2022", "dom"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: settings, files: ["page.ts"] }));
  const compiler = join(process.cwd(), "node_modules/.bin/tsc");
  await expect(output(compiler, ["-p", "."])).resolves.toBe("");
});

/** Everything a program prints to stdout and stderr. */
async function output(program: string, args: string[]): Promise<string> {
  const child = spawn(program, args, { cwd: folder });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  await new Promise((resolve) => child.on("close", resolve));
  return text;
}

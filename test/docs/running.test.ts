import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, it, onTestFinished } from "vitest";

import { inherited } from "../support/spawned.ts";
import { start } from "../support/start.ts";
import { snippets } from "./snippets.ts";

/** The snippets that are whole programs: they connect, join, and show an answer. */
const programs = snippets("js", "mjs", "ts").filter(
  ({ code }) => /new Socket\(/.test(code) && /\.ask\(|\.join\(\)/.test(code) && !/react|vue|svelte/.test(code),
);

/** The client as it stands here: nothing has to be built for the test. */
const client = pathToFileURL("packages/client/conversation.ts").href;

/** Where the reader shows the answer. */
const reader = `
globalThis.render = (text) => process.stdout.write(text);
globalThis.showStage = () => {};
`;

it("there are programs in the documents", () => {
  expect(programs.length).toBeGreaterThan(1);
});

it.each(programs)("$name: shows an answer", async ({ code, language }) => {
  await using server = await start();
  server.model.answer(() => "The answer of the model.");
  const folder = mkdtempSync(join(tmpdir(), "program-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const file = join(folder, language === "ts" ? "program.mts" : "program.mjs");
  const filled = code
    .replace(/new Socket\("[^"]*"/, `new Socket("${server.url}"`)
    .replaceAll("YOUR_KEY", "key-a")
    .replaceAll('"conversation-channel-client"', `"${client}"`);
  writeFileSync(file, reader + filled);
  const child = spawn(process.execPath, [file], { cwd: folder, env: inherited(), stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill());
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += piece));
  await expect.poll(() => output).toContain("The answer of the model.");
});

import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { given } from "./given.ts";
import { type Snippet, snippets } from "./snippets.ts";

const run = promisify(execFile);
const root = mkdtempSync(join(tmpdir(), "snippets-"));
symlinkSync(resolve("node_modules"), join(root, "node_modules"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const programs = snippets("js", "mjs", "ts", "tsx").map((snippet) => ({ ...snippet, file: fileOf(snippet) }));

/** A name that sorts like the pages. */
function fileOf({ name, language }: Snippet): string {
  return `${name.replaceAll(/\W+/g, "-")}.${language === "tsx" ? "tsx" : "ts"}`;
}

/** The neighbours that a snippet imports are the graphs'. */
function sourceOf({ code }: Snippet): string {
  const isEntry = /^\w+: \{/.test(code); // a line of a registry
  const program = isEntry ? `void {\n${code}\n};` : code.replaceAll('"./', `"${resolve("graphs")}/`);
  return [given(code), program, "export {};"].join("\n");
}

/** JavaScript is checked, too, but for what may be assigned to what. */
const compilerOptions = {
  target: "esnext",
  module: "esnext",
  moduleResolution: "bundler",
  lib: ["esnext", "dom", "dom.iterable"],
  types: ["node"],
  jsx: "react-jsx",
  strict: true,
  noImplicitAny: false, // for the snippets in JavaScript
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  paths: {
    "conversation-channel-client": [resolve("packages/client/conversation.ts")],
    ...Object.fromEntries(
      ["react", "langgraph", "ai-sdk"].map((entry) => [
        `conversation-channel-client/${entry}`,
        [resolve(`packages/client/${entry}/${entry}.ts`)],
      ]),
    ),
  },
};

describe("the programs in the documents", () => {
  let problems: string[] = [];
  beforeAll(async () => {
    for (const program of programs) writeFileSync(join(root, program.file), sourceOf(program));
    writeFileSync(join(root, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts", "*.tsx"] }));
    const checked = run(process.execPath, [resolve("node_modules/typescript/bin/tsc"), "-p", root]);
    const { stdout } = await checked.catch((error: { stdout: string }) => error);
    const isJavaScript = (line: string) =>
      programs.some(({ file, language }) => language !== "ts" && line.includes(file));
    problems = stdout
      .split("\n")
      .filter((line) => /error TS/.test(line) && !(/TS2322/.test(line) && isJavaScript(line)));
  }, 60_000);

  it.each(programs)("$name: type-checks", ({ file }) => {
    expect(problems.filter((line) => basename(line.split("(")[0] ?? "") === file)).toEqual([]);
  });

  it("have no problem that belongs to none of them", () => {
    expect(problems.filter((line) => !programs.some(({ file }) => line.includes(file)))).toEqual([]);
  });
});

import { execFileSync, spawnSync } from "node:child_process";
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { examples, packClient } from "./install.ts";

const tool = (name: string) => join(examples, "node_modules/.bin", name);
const folder = mkdtempSync(join(tmpdir(), "package-"));
let tarball: string;
/** A project with the client and phoenix alone. */
let minimal: string;
beforeAll(() => {
  tarball = packClient(folder);
  minimal = project("minimal", { module: "nodenext" }, vanilla);
  install(minimal, "phoenix");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program. The test fails with its output if it does not end well. */
function run(program: string, args: string[], cwd = folder): string {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }; // with these options always strings
    throw new Error(`${program} ${args.join(" ")}\n${stdout}${stderr}`);
  }
}

/** An empty strict TypeScript project. */
function project(name: string, options: object, source: string): string {
  const cwd = join(folder, name);
  mkdirSync(cwd);
  const strict = {
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  };
  const compilerOptions = { target: "es2022", lib: ["es2022", "dom"], types: [], noEmit: true, ...strict, ...options };
  writeFileSync(join(cwd, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["main.ts"] }));
  writeFileSync(join(cwd, "main.ts"), source);
  return cwd;
}

function install(cwd: string, ...packages: string[]): void {
  run("npm", ["install", "--no-audit", "--no-fund", tarball, ...packages], cwd);
}

const vanilla = `
import { conversation, ConversationError, type Conversation, type TurnEvent, type TurnState } from "conversation-channel-client";
import { Socket } from "phoenix";

const socket = new Socket("ws://127.0.0.1:4000/socket", { params: { api_key: "key" } });
const chat: Conversation = conversation(socket, "strict");
chat.store.subscribe(() => {
  const turns: readonly TurnState[] = chat.store.getSnapshot().turns;
  for (const { metadata } of turns) metadata?.usage.input_tokens.toFixed();
});
try {
  for await (const event of chat.ask("Hello")) {
    const { type }: TurnEvent = event;
    if (event.type === "text") document.title = event.delta + type;
  }
} catch (error) {
  if (error instanceof ConversationError) document.title = error.code;
}
// @ts-expect-error Types are there, not \`any\`.
chat.ask(1);
`;

describe("the packed client", () => {
  it("holds one module with its types for each source file, and nothing else", () => {
    const listed = run("tar", ["-tzf", tarball]).trim().split("\n");
    const sources = globSync("**/*.ts", { cwd: "packages/client", exclude: (name) => /dist|node_modules/.test(name) });
    const modules = sources.flatMap((name) => [name.replace(/ts$/, "js"), name.replace(/ts$/, "d.ts")]);
    const expected = ["LICENSE", "README.md", "package.json", ...modules.map((name) => `dist/${name}`)];
    expect(listed.map((name) => name.replace("package/", "")).sort()).toEqual(expected.sort());
  });

  it("has nothing that publint or attw complain about", () => {
    run(tool("publint"), ["run", tarball, "--strict"]);
    run(tool("attw"), [tarball, "--profile", "esm-only", "--no-color"]);
  });

  it("adds at most 3 packages and 1 MB to a project", () => {
    const { packages } = JSON.parse(readFileSync(join(minimal, "package-lock.json"), "utf8"));
    const names = ["@types/phoenix", "conversation-channel-client", "phoenix"].map((name) => `node_modules/${name}`);
    expect(Object.keys(packages)).toEqual(["", ...names]);
    const files = globSync("node_modules/**/*", { cwd: minimal }).map((name) => statSync(join(minimal, name)));
    expect(files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)).toBeLessThan(1_000_000);
  });

  it("type-checks strictly under nodenext resolution", () => {
    run(tool("tsc"), [], minimal);
  });

  it("type-checks with React under bundler resolution", () => {
    const source = `
      import { ConversationProvider, useConversation, useOutline, useTurn } from "conversation-channel-client/react";
      import { createElement } from "react";

      function Chat() {
        const { conversation, turns, connection } = useConversation("strict", { preferences: { temperature: 0 } });
        const { turnKeys } = useOutline(conversation);
        const turn = useTurn(conversation, turnKeys[0] ?? "");
        const text: string | undefined = turn?.text;
        return createElement("p", { onClick: () => conversation.ask("Hello") }, connection.state, turns.length, text);
      }
      export const page = createElement(ConversationProvider, { socket }, createElement(Chat));
      // @ts-expect-error Types are there, not \`any\`.
      useConversation(1);
    `;
    const cwd = project("bundler", { module: "esnext", moduleResolution: "bundler" }, vanilla + source);
    install(cwd, "phoenix", "react@19", "@types/react@19");
    run(tool("tsc"), [], cwd);
  });

  it.each([
    ["nodenext", { module: "nodenext" }],
    ["bundler", { module: "esnext", moduleResolution: "bundler" }],
  ])("has no type error in any entry under %s resolution", (name, options) => {
    const source = `
      import { conversation } from "conversation-channel-client";
      import { conversationTransport } from "conversation-channel-client/ai-sdk";
      import { conversationStream } from "conversation-channel-client/langgraph";
      import { Socket } from "phoenix";

      const socket = new Socket("/socket");
      const chat = conversation(socket, "strict");
      conversationStream(chat);
      conversationTransport(chat, { onAbort: "detach" });
      // @ts-expect-error Types are there, not \`any\`.
      conversationStream(socket, 1);
      // @ts-expect-error Types are there, not \`any\`.
      conversationTransport(socket);
    `;
    const cwd = project(`entries-${name}`, options, source);
    symlinkSync(join(examples, "node_modules"), join(cwd, "node_modules"));
    const { stdout } = spawnSync(tool("tsc"), [], { cwd, encoding: "utf8" });
    // Some types of the packages that these entries are for have errors of their own.
    expect(stdout.match(/^(?:main\.ts|.*conversation-channel-client\/).*$/gm)).toBeNull();
  });

  it("is at most 16 KB with phoenix, compressed", () => {
    const entry = `export { Socket } from "phoenix"; export { conversation } from "conversation-channel-client";`;
    writeFileSync(join(minimal, "entry.js"), entry);
    run(tool("rolldown"), ["entry.js", "--file", "bundle.js", "--minify", "--platform", "browser"], minimal);
    expect(gzipSync(readFileSync(join(minimal, "bundle.js")), { level: 9 }).length).toBeLessThanOrEqual(16_384);
  });
});

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";

import { connect } from "./support/client.ts";
import { startModelServer } from "./support/model-server.ts";

/** The README's recipe, word for word: a graph, a prompt, a line in the registry. */
const graph = `import { END, START } from "@langchain/langgraph";

import { answer } from "./ask.ts";
import type { TurnRuntime } from "./host.ts";
import { prompt } from "./prompt.ts";
import { asEngine, type EngineStateValue, engine } from "./state.ts";

const instructions = prompt("planning");

async function respond({ question }: EngineStateValue, runtime: TurnRuntime) {
  return { answer: await answer(runtime, instructions, question) };
}

export const planning = engine()
  .addNode("respond", respond)
  .addEdge(START, "respond")
  .addEdge("respond", END)
  .compile(asEngine);
`;
const words = "---\ndescription: Plans a project.\n---\nYou plan projects.\n";
const line = `  planning: { routedTo: "planning_conversation", when: "a project plan is wanted", graph: planning },\n`;

let server: ChildProcess | undefined;
let folder: string | undefined;

afterEach(() => {
  server?.kill("SIGKILL");
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A copy of the project inside of it, so that it finds the same packages. */
function copyWithPlanning(): string {
  const root = new URL("..", import.meta.url).pathname;
  const copy = mkdtempSync(join(root, ".seventh-engine-"));
  for (const part of ["graphs", "prompts", "src", "package.json"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  writeFileSync(join(copy, "graphs/planning.ts"), graph);
  writeFileSync(join(copy, "prompts/planning.md"), words);
  const registry = join(copy, "graphs/engines.ts");
  const source = readFileSync(registry, "utf8");
  const registered = source.replace("export const engines = {\n", `export const engines = {\n${line}`);
  writeFileSync(registry, `import { planning } from "./planning.ts";\n${registered}`);
  return copy;
}

async function listening(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The server has no output.");
  for await (const text of createInterface(child.stdout)) {
    const url = /^listening on (http:\S+)$/.exec(text)?.[1];
    if (url) return url;
  }
  throw new Error("The server ended before it listened.");
}

describe("a seventh engine", () => {
  it("needs a graph, a prompt and a line in the registry; router, channel and docs follow", async () => {
    await using model = await startModelServer();
    folder = copyWithPlanning();
    const env = {
      ...process.env,
      PORT: "0",
      API_KEYS: "key-a=user-a",
      OPENAI_BASE_URL: model.url,
      DATABASE_URL: `sqlite:${folder}/data/test.db`,
    };
    server = spawn(process.execPath, ["src/main.ts"], { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] });
    const url = await Promise.race([listening(server), once(server, "exit").then(() => "exited")]);
    expect(url).toMatch(/^http:/);

    await using client = await connect(`${url.replace("http", "ws")}/socket`, { apiKey: "key-a" });
    const conversation = await client.join("plans");
    const chosen = await conversation.ask("How do we begin?", { options: { engine: "planning" } });
    expect(chosen.terminal.payload).toMatchObject({
      conversation_type: "planning",
      routed_to: "planning_conversation",
    });
    expect(chosen.terminal.payload.metadata?.prompts).toHaveProperty("planning");

    model.next({ json: { type: "planning", confidence: 0.9, reason: "a plan", standalone_question: "" } });
    const routed = await conversation.ask("What comes first, what second?");
    expect(routed.terminal.payload).toMatchObject({ conversation_type: "planning" });
    const asked = model.requests.find(({ structured }) => structured);
    expect(asked?.system).toContain("- planning: a project plan is wanted");
    expect(await (await fetch(`${url}/asyncapi.json`)).text()).toContain("planning_conversation");
  });
});

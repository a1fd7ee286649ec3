import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";

import { startModelServer } from "./support/model-server.ts";
import { spawnServer } from "./support/spawned.ts";

/** The recipe of docs/graphs.md, word for word: a graph, a prompt, a line in the registry. */
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

let folder: string | undefined;

afterEach(() => {
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** A copy of the project inside the project, so that it finds the same packages. */
function copyWithPlanning(): string {
  const root = new URL("..", import.meta.url).pathname;
  const copy = mkdtempSync(join(root, ".seventh-engine-"));
  for (const part of ["graphs", "packages", "playground", "prompts", "src", "package.json"]) {
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

describe("a seventh engine", () => {
  it("a seventh engine needs a graph, a prompt and a line in the registry; router, channel and docs follow", async () => {
    await using model = await startModelServer();
    folder = copyWithPlanning();
    await using server = await spawnServer(
      { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/data/test.db` },
      folder,
    );
    await using client = await server.connect();
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
    expect(await (await fetch(`${server.http}/asyncapi.json`)).text()).toContain("planning_conversation");
  });
});

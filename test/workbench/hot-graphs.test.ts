import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client, Conversation, Payload } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";

const root = new URL("../..", import.meta.url).pathname;

/** A copy of the project inside the project, so that it finds the same packages. */
let copy: string;
let model: Awaited<ReturnType<typeof startModelServer>>;
let server: SpawnedServer;
let client: Client;
let conversation: Conversation;
let bench: Conversation;

beforeAll(async () => {
  copy = mkdtempSync(join(root, ".hot-graphs-"));
  for (const part of ["graphs", "packages", "playground", "prompts", "src", "package.json"]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${copy}/data/test.db`, ENGINES: "+assistant" };
  server = await spawnServer(env, copy, {
    nodeArguments: ["--import", "./src/reload/hooks.ts"],
    arguments: ["--dev"],
  });
  client = await server.connect();
  conversation = await client.join("hot");
  bench = await client.join("workbench:hot");
});
afterAll(async () => {
  await client.close();
  await server.end("SIGKILL");
  await model.close();
  rmSync(copy, { recursive: true, force: true });
});

/** Changes a graph's file at once, so that the server never reads half of it, and waits until the server has loaded it. */
async function edit(file: string, from: string | RegExp, to: string) {
  const path = join(copy, "graphs", file);
  writeFileSync(join(copy, "edited"), readFileSync(path, "utf8").replace(from, to));
  renameSync(join(copy, "edited"), path);
  return await bench.next("graphs_changed", () => true, 20_000);
}

const answer = async () => (await conversation.ask("Hi", simple)).terminal.payload;

describe("a graph that is saved while the server runs", () => {
  it("a saved graph is used by the next turn on the same socket, while a running turn keeps the old one", async () => {
    const door = gate();
    model.next({ text: "Before", gate: door });
    const { response } = await conversation.push("message", { content: "Hi", ...simple });
    await door.held();
    await edit("simple.ts", "answer: await answer(", "findings: { edited: true }, answer: await answer(");
    door.open();
    const running = await conversation.turn(response.turn_id);
    expect(running.terminal.payload.metadata.edited).toBeUndefined();
    expect((await answer()).metadata).toMatchObject({ edited: true });
    expect(client.closes).toEqual([]);
  });

  it("a graph is reloaded if a file that it imports was saved", async () => {
    await edit("ask.ts", "host.delta(piece)", "host.delta(piece.toUpperCase())");
    model.next("quiet");
    const { text } = await conversation.ask("Hi", simple);
    expect(text).toBe("QUIET");
    await edit("ask.ts", "host.delta(piece.toUpperCase())", "host.delta(piece)");
  });

  it("a saved graph with an error is reported with its place, and the last good one stays in use", async () => {
    const broken = await edit("simple.ts", "export const", "export konst");
    expect(broken.graph_fault).toMatch(/^simple\.ts/);
    expect((await answer()).metadata).toMatchObject({ edited: true });
    const thrown = await edit("simple.ts", "export konst", 'throw new Error("not like this");\nexport const');
    expect(thrown.graph_fault).toMatch(/^simple\.ts:\d+: Error: not like this/);
    expect((await answer()).metadata).toMatchObject({ edited: true });
    const mended = await edit("simple.ts", 'throw new Error("not like this");\n', "");
    expect(mended.graph_fault).toBeNull();
    expect((await answer()).metadata).toMatchObject({ edited: true });
  });

  it("a saved graph with another variable makes its prompt file invalid until that is saved too", async () => {
    const other = /"plan"\](\);[\s\S]*), \{ plan: bullets/;
    await edit("generation.ts", other, '"outline"]$1, { outline: bullets');
    const faultOf = (payload: Payload) =>
      payload.prompts.find(({ name }) => name === "generation.answer")?.fault ?? null;
    const told = await bench.next("prompts_changed", (payload) => faultOf(payload) !== null);
    expect(faultOf(told)).toContain("unknown variable {{plan}}");
    const path = join(copy, "prompts/generation.answer.md");
    writeFileSync(path, readFileSync(path, "utf8").replace("{{plan}}", "{{outline}}"));
    await bench.next("prompts_changed", (payload) => faultOf(payload) === null);
  });

  it("a graph with an error declares no prompts", async () => {
    const broken = await edit("simple.ts", 'prompt("simple")', 'prompt("simple", ["tone"]); throw new Error("no")');
    expect(broken.graph_fault).toContain("Error: no");
    const source = readFileSync(join(copy, "prompts/simple.md"), "utf8");
    expect(await bench.push("check_prompt", { name: "simple", source })).toMatchObject({ status: "ok" });
    await edit("simple.ts", 'prompt("simple", ["tone"]); throw new Error("no")', 'prompt("simple")');
  });

  it("a saved graph may have other nodes, which are drawn", async () => {
    const { graphs } = await edit("multi-step.ts", /"respond"/g, '"reply"');
    expect(graphs.find(({ name }) => name === "multi_step")?.nodes).toContain("reply");
  });

  it("a saved tool is used by the next turn", async () => {
    const offered = async () => {
      model.reset();
      model.answer(() => "Fine.");
      await conversation.ask("Hi", { options: { engine: "assistant" } });
      return model.requests[0]?.tools.map((tool) => tool.function.name);
    };
    expect(await offered()).toEqual(["search_files", "ask_user"]);
    await edit("tools/ask-user.ts", 'name: "ask_user"', 'name: "ask_person"');
    expect(await offered()).toEqual(["search_files", "ask_person"]);
    model.reset();
  });

  it("a saved graph may add an engine, which clients can choose at once", async () => {
    const refused = await conversation.push("message", { content: "Plan", options: { engine: "planning" } });
    expect(refused).toMatchObject({ status: "error", response: { reason: "invalid_payload" } });
    cpSync(join(copy, "prompts/simple.md"), join(copy, "prompts/planning.md"));
    const source = readFileSync(join(copy, "graphs/simple.ts"), "utf8");
    const planning = source
      .replace("const simple =", "const planning =")
      .replace('prompt("simple")', 'prompt("planning")');
    writeFileSync(join(copy, "graphs/planning.ts"), planning);
    await bench.next("graphs_changed");
    await edit("engines.ts", "import { simple }", 'import { planning } from "./planning.ts";\nimport { simple }');
    const line = '  planning: { routedTo: "planning_conversation", when: "a plan is wanted", graph: planning },\n';
    const { graphs } = await edit("engines.ts", "export const engines = {\n", `export const engines = {\n${line}`);
    expect(graphs.map(({ name }) => name)).toContain("planning");
    const { terminal } = await conversation.ask("Plan", { options: { engine: "planning" } });
    expect(terminal.payload).toMatchObject({ routed_to: "planning_conversation" });
    expect(client.closes).toEqual([]);
  });
});

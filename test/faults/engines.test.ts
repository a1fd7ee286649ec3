import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { folderWith } from "../stock/engines.ts";
import type { Client } from "../support/client.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";

/** An engine with one node that returns this. */
const engineOf = (name: string, returned: string) => `
  import { END, START } from "@langchain/langgraph";
  import { asEngine, engine } from "./state.ts";
  export const ${name} = engine()
    .addNode("respond", async () => (${returned}))
    .addEdge(START, "respond")
    .addEdge("respond", END)
    .compile(asEngine);
`;
const added = {
  mute: "{}",
  blank: '{ answer: " \\n" }',
  plain: '{ answer: "Said in one piece.", findings: { steps: ["one"] } }',
  unwritable: '{ answer: "Said in one piece.", findings: { steps: 1n } }',
};

let folder: string;
let model: ModelServer;
let server: SpawnedServer;
let client: Client;

beforeAll(async () => {
  const modules = Object.fromEntries(Object.entries(added).map(([name, returned]) => [name, engineOf(name, returned)]));
  const names = Object.keys(added);
  const imports = names.map((name) => `import { ${name} } from "./${name}.ts";\n`);
  const lines = names.map(
    (name) => `  ${name}: { routedTo: "${name}_conversation", when: "never", graph: ${name} },\n`,
  );
  folder = folderWith(modules, imports.join(""), lines.join(""));
  model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${folder}/data/test.db`, LOG_LEVEL: "info" };
  server = await spawnServer(env, folder);
  client = await server.connect();
});
afterAll(async () => {
  await client.close();
  await server.end("SIGKILL");
  await model.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("an engine that finishes without an answer", () => {
  it.each(["mute", "blank"])("(%s) fails its turn with internal, and the log names the engine", async (engine) => {
    const conversation = await client.join(engine);
    const { turnId, terminal } = await conversation.ask("Hello?", { options: { engine } });
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "internal" } } });
    expect(terminal.payload.message).not.toContain(engine);
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns).toMatchObject([{ turn_id: turnId, status: "failed" }]);
    const line = server.output.find((one) => one.includes(turnId) && one.includes("turn failed"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ engine, err: { message: expect.stringContaining(engine) } });
    const next = await conversation.ask("And now?", { options: { engine: "simple" } });
    expect(next.terminal.payload.response).toBe("Answer to: And now?");
    expect(conversation.terminals(turnId)).toHaveLength(1);
  });
});

describe("an engine that returns its answer without streaming it", () => {
  it("has that answer in its response, deltas, history and memory", async () => {
    const conversation = await client.join("plain");
    const { terminal, text, deltas } = await conversation.ask("Hello?", { options: { engine: "plain" } });
    expect(terminal).toMatchObject({
      event: "response",
      payload: { response: "Said in one piece.", conversation_type: "plain", metadata: { steps: ["one"] } },
    });
    expect(text).toBe("Said in one piece.");
    expect(deltas[0]).toMatchObject({ offset: 0 });
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns).toMatchObject([{ status: "completed", response: "Said in one piece." }]);
    await conversation.ask("And now?", { options: { engine: "simple" } });
    const contents = model.requests
      .at(-1)
      ?.messages.slice(1)
      .map(({ content }) => content);
    expect(contents).toEqual(["Hello?", "Said in one piece.", "And now?"]);
  });
});

describe("an engine whose findings cannot be serialized as JSON", () => {
  it("fails its turn with internal, and the next one runs", async () => {
    const conversation = await client.join("unwritable");
    const { turnId, terminal, text } = await conversation.ask("Hello?", { options: { engine: "unwritable" } });
    expect(terminal).toMatchObject({ event: "error", payload: { details: { code: "internal" } } });
    const { turns } = (await conversation.push("get_history")).response;
    expect(turns).toMatchObject([{ turn_id: turnId, status: "failed", response: text }]);
    const line = server.output.find((one) => one.includes(turnId) && one.includes("turn failed"));
    expect(JSON.parse(line ?? "{}")).toMatchObject({ engine: "unwritable", err: { type: "TypeError" } });
    const next = await conversation.ask("And now?", { options: { engine: "simple" } });
    expect(next.terminal.payload.response).toBe("Answer to: And now?");
  });
});

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { isText, smartReply } from "../support/model-server.ts";
import { filesServer } from "./support.ts";

const server = await filesServer({ RATE_LIMIT_CONNECTIONS: "0" });
const client = await server.connect();
const { model } = server;
const file = await server.kept("The cache holds 40 entries.", { name: "cache.md" });
const other = await server.kept("The queue holds 7 entries.", { name: "queue.md" });

afterAll(async () => {
  await client.close();
  await server.close();
});

beforeEach(() => model.reset());

const preferences = { include_sources: true };
const open = (params: object = { preferences }) => client.join(crypto.randomUUID(), params);
const attached = (...files: { file_id: string }[]) => files.map(({ file_id }) => ({ file_id }));
const says = (text: string) => model.answer((request) => (isText(request) ? text : smartReply(request)));

describe("sources", () => {
  const engines = ["simple", "complex", "analysis", "generation", "problem_solving", "multi_step"];

  it.for(engines)("the engine %s gives the file to every step, and the answer has it as a source", async (engine) => {
    says("It holds 40 entries [1].\n\n```js\n40;\n```\n");
    const conversation = await open();
    const { terminal } = await conversation.ask("How many?", { options: { engine }, attachments: attached(file) });
    expect(terminal.payload.metadata).toMatchObject({ sources: [{ title: "cache.md", file_id: file.file_id }] });
    for (const request of model.requests) expect(request.user).toContain("The cache holds 40 entries.");
    const answer = model.requests.findLast(isText);
    expect(answer?.system).toMatch(/"number": 1,\s+"title": "cache\.md"/);
    const history = await conversation.push("get_history");
    expect(history.response.turns[0]?.metadata).toMatchObject({ sources: [{ title: "cache.md" }] });
  });

  it("are numbered as the prompt numbers them: the message's files, the context, earlier files", async () => {
    says("See [3] and [1].");
    const conversation = await open();
    await conversation.ask("First", { options: { engine: "simple" }, attachments: attached(other) });
    const asked = { options: { engine: "simple" }, attachments: attached(file), context: { team: "blue" } };
    const { terminal } = await conversation.ask("Second", asked);
    expect(terminal.payload.metadata.sources).toEqual([
      { title: "cache.md", file_id: file.file_id },
      { title: "context", quote: '{"team":"blue"}' },
      { title: "queue.md", file_id: other.file_id },
    ]);
    const { system, user } = model.requests[1] ?? expect.unreachable();
    expect(system).toMatch(/1,\s+"title": "cache\.md".*2,\s+"title": "context".*3,\s+"title": "queue\.md"/s);
    expect(user).toMatch(/"file":1,"name":"cache\.md".*"file":3,"name":"queue\.md"/s);
  });

  it("an earlier file that the answer does not name is none", async () => {
    const conversation = await open();
    await conversation.ask("First", { options: { engine: "simple" }, attachments: attached(file) });
    const { terminal } = await conversation.ask("Thanks", { options: { engine: "simple" } });
    expect(model.requests[1]?.user).toContain("The cache holds 40 entries.");
    expect(terminal.payload.metadata).not.toHaveProperty("sources");
  });

  it("are neither asked for nor listed if nobody wants them, or there are none", async () => {
    const unasked = await open({});
    const turn = await unasked.ask("Hi", { options: { engine: "simple" }, attachments: attached(file) });
    const bare = await open();
    const empty = await bare.ask("Hi", { options: { engine: "simple" } });
    for (const { terminal } of [turn, empty]) expect(terminal.payload.metadata).not.toHaveProperty("sources");
    for (const { system } of model.requests) expect(system).not.toMatch(/source/i);
  });
});

describe("the router", () => {
  it("the router's model reads the beginning of a file, and the local classifier counts it as given material", async () => {
    model.answer((request) =>
      isText(request) ? "Fine." : { json: { ...Object(smartReply(request).json), type: "analysis" } },
    );
    const conversation = await open({});
    const long = await server.kept(`function total() {}\n${"// filler\n".repeat(5_000)}`, { name: "total.js" });
    const { terminal } = await conversation.ask("What does it do?", { attachments: attached(long) });
    expect(terminal.payload).toMatchObject({ conversation_type: "analysis" });
    const [routing] = model.requests;
    expect(routing?.user).toMatch(
      /^What does it do\?\n\n.*\{"name":"total\.js","media_type":"text\/plain"\}\n```\nfunction total/s,
    );
    expect(routing?.user.length).toBeLessThan(4_000);
  });
});

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { filesServer, pdf, textPage } from "../files/support.ts";
import type { Client, Conversation, TurnSeen } from "../support/client.ts";
import { start } from "../support/start.ts";

const server = await filesServer({ ENGINES: "+assistant", ROUTING_THRESHOLD: "0.5", WORKBENCH: "1" });
const client = await server.connect();
const { model } = server;

afterAll(async () => {
  await client.close();
  await server.close();
});

beforeEach(() => {
  model.reset();
  model.answer(({ user }) => (user === "Call and call" ? undefined : "Fine."));
});

const open = (params: object = {}) => client.join(crypto.randomUUID(), params);
const assistant = { options: { engine: "assistant" } };

const calls = ({ events }: TurnSeen): Record<string, unknown>[] =>
  events.filter(({ event }) => event === "tool_call").map(({ payload }) => ({ ...payload }));

const result = () => String(model.requests.at(-1)?.messages.at(-1)?.content);

/** Whether the workbench shows the graph and the prompt. */
async function shown(visitor: Client, conversationId: string) {
  const bench = await visitor.join(`workbench:${conversationId}`);
  const { graphs = [], prompts = [] } = { ...bench.joins[0] };
  const has = (list: readonly { name: string }[]) => list.some(({ name }) => name === "assistant");
  return { graphs: has(graphs), prompts: has(prompts) };
}

/** A turn in which the model searches once. */
async function search(conversation: Conversation, args: object, more: object = {}): Promise<TurnSeen> {
  model.next({ toolCalls: [{ name: "search_files", args, id: "c1" }] }, "Two months [1].");
  return await conversation.ask("What is the notice period?", { ...assistant, ...more });
}

describe("the engine assistant, switched on", () => {
  it("is in the reference, in the router's menu and in the workbench, and has both tools", async () => {
    const document = await (await fetch(`${server.http}/asyncapi.json`)).text();
    expect(document).toContain("assistant_conversation");
    const id = crypto.randomUUID();
    const conversation = await client.join(id);
    expect(await shown(client, id)).toEqual({ graphs: true, prompts: true });
    await conversation.ask("Hello", assistant);
    expect(model.requests.at(-1)?.tools.map((tool) => tool.function.name)).toEqual(["search_files", "ask_user"]);
    expect(model.requests.at(-1)?.system).toContain("You are a helpful, precise assistant with tools.");
  });

  it("the local classifier knows it by its examples", async () => {
    const turn = await (await open()).ask("What does the attached contract say about the deposit?");
    expect(turn.terminal.payload).toMatchObject({
      conversation_type: "assistant",
      routed_to: "assistant_conversation",
      metadata: { routing: { decided_by: "local" } },
    });
  });

  it("its instructions are a prompt file, with the application's data", async () => {
    const conversation = await open({ preferences: { language: "German" } });
    const turn = await conversation.ask("Hello", assistant);
    expect(model.requests.at(-1)?.system).toMatch(/"language": ?"German"/);
    expect(turn.terminal.payload.metadata?.prompts).toMatchObject({ assistant: expect.any(String) });
  });
});

it("a model that never stops calling tools has to answer in the end", async () => {
  const turn = await (await open()).ask("Call and call", assistant);
  expect(turn.terminal.event).toBe("response");
  expect(calls(turn).filter(({ stage }) => stage === "finished").length).toBeLessThanOrEqual(10);
});

describe("searching the files of the conversation", () => {
  it("finds the passage and its page, and gives it to the model as data", async () => {
    const filler = (subject: string) => `${subject} is described here in a few words. `.repeat(20);
    const pages = ["Delivery", "Payment"].map((subject) => textPage(filler(subject)));
    const file = await server.kept(pdf([...pages, textPage("The notice period is two months.")]), {
      name: "deal.pdf",
    });
    const turn = await search(await open(), { query: "notice period" }, { attachments: [{ file_id: file.file_id }] });
    expect(result()).toContain('{"file":"deal.pdf","page":3}\n```\n');
    expect(result()).toContain("The notice period is two months.");
    expect(result()).not.toContain("Delivery");
    expect(calls(turn)).toMatchObject([
      { tool_name: "search_files", stage: "started", input: { query: "notice period" } },
      { stage: "finished", output: expect.stringContaining("two months") },
    ]);
  });

  it("names its sources with page and quote, if the client wants them", async () => {
    const file = await server.kept(pdf([textPage("The notice period is two months.")]), { name: "deal.pdf" });
    const conversation = await open({ preferences: { include_sources: true } });
    const turn = await search(conversation, { query: "notice" }, { attachments: [{ file_id: file.file_id }] });
    expect(result()).toContain('{"file":"deal.pdf","page":1,"source":2}');
    expect(turn.terminal.payload.metadata?.sources).toEqual([
      { title: "deal.pdf", file_id: file.file_id },
      {
        title: "deal.pdf, page 1",
        file_id: file.file_id,
        quote: expect.stringContaining("The notice period is two months."),
      },
    ]);
  });

  it("finds files of earlier messages, and searches only one if asked to", async () => {
    const conversation = await open();
    const [one, other] = await Promise.all([
      server.kept("The apple is red.", { name: "one.txt" }),
      server.kept("The apple is green.", { name: "other.txt" }),
    ]);
    const attachments = [{ file_id: one.file_id }, { file_id: other.file_id }];
    await conversation.ask("Keep these.", { ...assistant, attachments });
    await search(conversation, { query: "apples", file: "other.txt" });
    expect(result()).toContain("green");
    expect(result()).not.toContain("red");
  });

  it("says so if there is nothing to find", async () => {
    await search(await open(), { query: "anything" });
    expect(result()).toBe("There is no such file in this conversation.");
    const file = await server.kept("The apple is red.", { name: "one.txt" });
    await search(await open(), { query: "zebra" }, { attachments: [{ file_id: file.file_id }] });
    expect(result()).toBe('No passage has any of these words. Files: "one.txt".');
  });
});

describe("asking the user", () => {
  const colours = { question: "Which colour?", choices: ["Red", "Blue"] };

  it.each([
    ["a choice", "Blue", "Blue"],
    ["other words", "Something darker", "Something darker"],
    ["nothing", null, "The user gave no answer."],
    ["an object", { colour: "red" }, '{"colour":"red"}'],
  ])("the turn waits, and goes on with %s", async (_name, value, told) => {
    const conversation = await open();
    model.next({ toolCalls: [{ name: "ask_user", args: colours, id: "c1" }] }, "Blue it is.");
    const { response } = await conversation.push("message", { content: "Paint it.", ...assistant });
    const { turn_id, requests } = await conversation.next("input_requested");
    expect(requests).toMatchObject([{ value: { ...colours, free: true } }]);
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value }));
    await conversation.push("respond", { turn_id, responses });
    const turn = await conversation.turn(response.turn_id);
    expect(result()).toBe(told);
    expect(turn.terminal.payload).toMatchObject({ response: "Blue it is.", metadata: { usage: { llm_calls: 2 } } });
  });
});

describe("an engine that is off", () => {
  it("is in no list, cannot be chosen, and its prompt file need not exist", async () => {
    await using other = await start({ WORKBENCH: "1" });
    await using visitor = await other.connect();
    expect(await (await fetch(`${other.http}/asyncapi.json`)).text()).not.toContain("assistant_conversation");
    const conversation = await visitor.join("off");
    expect(await shown(visitor, "off")).toEqual({ graphs: false, prompts: false });
    expect(await conversation.push("message", { content: "Hello", ...assistant })).toMatchObject({
      status: "error",
      response: { reason: "invalid_payload" },
    });
    await conversation.ask("What about the other one, then?");
    const asked = other.model.requests.find(({ structured }) => structured);
    expect(asked?.system).toContain("- multi_step:");
    expect(asked?.system).not.toContain("- assistant:");
  });
});

import { afterAll, describe, expect, it } from "vitest";

import { start } from "../support/start.ts";

const server = await start();
afterAll(() => server.close());

interface AsyncApi {
  asyncapi: string;
  info: { title: string; version: string };
  channels: Record<string, { address: string; messages: Record<string, { $ref: string }> }>;
  operations: Record<
    string,
    { action: string; channel: { $ref: string }; messages: { $ref: string }[]; reply?: unknown }
  >;
  components: { messages: Record<string, { title: string; payload: { properties?: object } }> };
}

describe("asyncapi.json", () => {
  const read = async () => {
    const response = await fetch(`${server.http}/asyncapi.json`);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const document: AsyncApi = await response.json();
    return document;
  };

  /** What `#/a/b` in the document points to. */
  function pointed(document: unknown, reference: string): unknown {
    let found = document;
    for (const part of reference.slice(2).split("/"))
      found = Object(found)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    return found;
  }

  it("is an AsyncAPI 3 document whose references all lead somewhere", async () => {
    const document = await read();
    expect(document.asyncapi).toMatch(/^3\.\d+\.\d+$/);
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(
      ([, reference = ""]) => reference,
    );
    expect(references.length).toBeGreaterThan(20);
    for (const reference of references) expect(pointed(document, reference), reference).toBeDefined();
    for (const { action, channel, messages } of Object.values(document.operations)) {
      expect(["send", "receive"]).toContain(action);
      const listed = Object.keys(Object(pointed(document, channel.$ref)).messages);
      for (const { $ref } of messages) expect(listed).toContain($ref.split("/").at(-1));
    }
  });

  const fromClient = [
    "message",
    "new_conversation",
    "set_context",
    "typing",
    "stop",
    "regenerate",
    "edit",
    "get_history",
    "feedback",
  ];
  const fromServer = [
    "thinking",
    "response_delta",
    "response",
    "error",
    "conversation_reset",
    "context_updated",
    "typing",
  ];
  const presence = ["presence_state", "presence_diff"];

  it.each([
    ["receive", fromClient],
    ["send", [...fromServer, ...presence]],
  ])("lists every event that the server can %s", async (action, events) => {
    const { operations, components } = await read();
    const listed = Object.values(operations).filter((one) => one.action === action);
    const titles = listed.flatMap(({ messages }) =>
      messages.map(({ $ref }) => components.messages[$ref.split("/").at(-1) ?? ""]?.title),
    );
    expect(titles).toEqual(expect.arrayContaining(events));
  });

  it("says what a message's payload may hold", async () => {
    const { components } = await read();
    const found = Object.values(components.messages).find(({ payload }) => "llm_config" in (payload.properties ?? {}));
    expect(Object.keys(found?.payload.properties ?? {}).sort()).toEqual([
      "content",
      "context",
      "id",
      "llm_config",
      "options",
    ]);
  });
});

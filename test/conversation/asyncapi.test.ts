import { describe, expect } from "vitest";

import { it } from "../support/fixture.ts";

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
  async function read(url: string): Promise<AsyncApi> {
    const response = await fetch(`${url}/asyncapi.json`);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    return await response.json();
  }

  /** Resolves a reference such as `#/a/b`. */
  function pointed(document: unknown, reference: string): unknown {
    let found = document;
    for (const part of reference.slice(2).split("/"))
      found = Object(found)[part.replaceAll("~1", "/").replaceAll("~0", "~")];
    return found;
  }

  it("asyncapi.json is an AsyncAPI 3 document whose references all resolve", async ({ server }) => {
    const document = await read(server.http);
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

  it.for([
    { action: "receive", events: fromClient },
    { action: "send", events: [...fromServer, ...presence] },
  ])("asyncapi.json lists every event that the server can $action", async ({ action, events }, { server }) => {
    const { operations, components } = await read(server.http);
    const listed = Object.values(operations).filter((one) => one.action === action);
    const titles = listed.flatMap(({ messages }) =>
      messages.map(({ $ref }) => components.messages[$ref.split("/").at(-1) ?? ""]?.title),
    );
    expect(titles).toEqual(expect.arrayContaining(events));
  });

  it("asyncapi.json tells how long a message may be", async ({ server }) => {
    const { components } = await read(server.http);
    expect(components.messages["push.message"]?.payload.properties).toMatchObject({
      content: { maxLength: server.settings.MESSAGE_MAX_CHARS },
    });
  });

  it("asyncapi.json lists the fields of a message's payload", async ({ server }) => {
    const { components } = await read(server.http);
    const found = Object.values(components.messages).find(({ payload }) => "llm_config" in (payload.properties ?? {}));
    expect(Object.keys(found?.payload.properties ?? {}).sort()).toEqual([
      "attachments",
      "content",
      "context",
      "id",
      "llm_config",
      "options",
      "traceparent",
    ]);
  });
});

import { describe, expect, it } from "vitest";

import { snippets } from "../docs/snippets.ts";
import { startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { projectWith } from "./engines.ts";

/** The snippet of docs/graphs.md that exports this name, word for word. */
function documented(name: string): string {
  const found = snippets("ts").find(
    ({ page, code }) => page === "docs/graphs.md" && code.includes(`export const ${name} `),
  );
  if (!found) throw new Error(`docs/graphs.md has no ${name}`);
  return found.code;
}

async function serve(name: string) {
  const project = projectWith(documented(name), { [name]: `stock(added.${name})` });
  const model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${project.folder}/data/test.db` };
  const server = await spawnServer(env, project.folder);
  const client = await server.connect();
  return {
    model,
    conversation: await client.join("c"),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server[Symbol.asyncDispose]();
      await model.close();
      project[Symbol.dispose]();
    },
  };
}

describe("the recipes of docs/graphs.md", () => {
  it("an agent with a tool", async () => {
    await using served = await serve("support");
    served.model.next({ toolCalls: [{ name: "order_status", args: { order: "42" } }] }, "It is on its way.");
    const { text, terminal } = await served.conversation.ask("Where is 42?", { options: { engine: "support" } });
    expect(text).toBe("It is on its way.");
    expect(terminal.payload).toMatchObject({
      routed_to: "support_routed",
      metadata: { tool_calls: [{ tool_name: "order_status", output: "Order 42 was sent yesterday." }] },
    });
  });

  it("an agent that asks for approval", async () => {
    await using served = await serve("refunds");
    served.model.next({ toolCalls: [{ name: "refund", args: { order: "42" } }] }, "Refunded.");
    await served.conversation.push("message", { content: "Refund 42", options: { engine: "refunds" } });
    const { turn_id, requests } = await served.conversation.next("input_requested");
    const value = { decisions: [{ type: "approve" }] };
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value }));
    await served.conversation.push("respond", { turn_id, responses });
    expect((await served.conversation.turn(turn_id)).terminal.payload.response).toBe("Refunded.");
  });
});

import { cpSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { snippets } from "../docs/snippets.ts";
import { type EnginesServer, startEngines } from "./engines-server.ts";

/** The snippet of docs/graphs.md that exports this name, word for word. */
function documented(name: string): string {
  const found = snippets("ts").find(
    ({ page, code }) => page === "docs/graphs.md" && code.includes(`export const ${name} `),
  );
  if (!found) throw new Error(`docs/graphs.md has no ${name}`);
  return found.code;
}

const names = ["support", "refunds", "interviewer", "helper"];

/** One server with all recipes. */
let stock: EnginesServer;
beforeAll(async () => {
  const modules = Object.fromEntries(names.map((name) => [`recipe-${name}`, documented(name)]));
  const source = names.map((name) => `export * as ${name} from "./recipe-${name}.ts";`).join("\n");
  const graphs = Object.fromEntries(names.map((name) => [name, `stock(added.${name}.${name})`]));
  const prepare = (folder: string) => {
    cpSync("prompts/simple.md", join(folder, "prompts/interviewer.md"));
    return {};
  };
  stock = await startEngines(source, graphs, { modules, prepare });
});
afterAll(() => stock?.[Symbol.asyncDispose]());

describe("the recipes of docs/graphs.md", () => {
  it("an agent with a tool", async () => {
    const conversation = await stock.client.join("support");
    stock.model.next({ toolCalls: [{ name: "order_status", args: { order: "42" } }] }, "It is on its way.");
    const { text, terminal } = await conversation.ask("Where is 42?", { options: { engine: "support" } });
    expect(text).toBe("It is on its way.");
    expect(terminal.payload).toMatchObject({
      routed_to: "support_routed",
      metadata: { tool_calls: [{ tool_name: "order_status", output: "Order 42 was sent yesterday." }] },
    });
  });

  it("an agent that asks for approval", async () => {
    const conversation = await stock.client.join("refunds");
    stock.model.next({ toolCalls: [{ name: "refund", args: { order: "42" } }] }, "Refunded.");
    await conversation.push("message", { content: "Refund 42", options: { engine: "refunds" } });
    const { turn_id, requests } = await conversation.next("input_requested");
    const value = { decisions: [{ type: "approve" }] };
    const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value }));
    await conversation.push("respond", { turn_id, responses });
    expect((await conversation.turn(turn_id)).terminal.payload.response).toBe("Refunded.");
  });

  it("an agent with a tool of graphs/tools and a prompt file", async () => {
    const conversation = await stock.client.join("interviewer");
    stock.model.reset();
    stock.model.next("Hello.");
    const turn = await conversation.ask("Hi", { options: { engine: "interviewer" } });
    expect(turn.terminal.payload.metadata?.prompts).toHaveProperty("interviewer");
    expect(stock.model.requests[0]?.tools.map((tool) => tool.function.name)).toEqual(["ask_user"]);
  });

  it("an agent with the tools of MCP servers, which nobody has named yet", async () => {
    const conversation = await stock.client.join("helper");
    stock.model.reset();
    stock.model.next("Hello.");
    expect((await conversation.ask("Hi", { options: { engine: "helper" } })).text).toBe("Hello.");
    expect(stock.model.requests[0]?.tools.map((tool) => tool.function.name)).toEqual(["everything", "tickets"]);
  });
});

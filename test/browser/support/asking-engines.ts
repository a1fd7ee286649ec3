/** Engines that wait for a person: `clerk` has tools that need approval, `asks` asks with each value of the message, a JSON list. */
export const askingEngines = `
import { AIMessage } from "@langchain/core/messages";
import { Annotation, END, interrupt, MessagesAnnotation, Send, START, StateGraph } from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";
import { stock } from "./stock.ts";

const refund = tool((args) => "Refunded " + JSON.stringify(args), {
  name: "refund", description: "Refunds an order.",
  schema: z.object({ order: z.string(), amount: z.number(), notify: z.boolean(), lines: z.array(z.string()), note: z.string().optional() }),
});
const remove = tool(({ order }) => "Removed " + order, {
  name: "remove", description: "Removes an order.", schema: z.object({ order: z.string() }),
});
export const clerk = stock(createAgent({
  model: model(),
  tools: [refund, remove],
  middleware: [humanInTheLoopMiddleware({ interruptOn: {
    refund: { allowedDecisions: ["approve", "edit", "reject"] },
    remove: { allowedDecisions: ["approve", "reject"], description: "This cannot be undone." },
  } })],
}));

const State = Annotation.Root({ ...MessagesAnnotation.spec, question: Annotation });
export const asks = stock(new StateGraph(State)
  .addNode("one", ({ question }) => ({ messages: [new AIMessage(JSON.stringify(interrupt(question)))] }))
  .addConditionalEdges(START, ({ messages }) => JSON.parse(messages.at(-1).content).map((question) => new Send("one", { question })), ["one"])
  .addEdge("one", END)
  .compile());
`;

export const askingGraphs = { clerk: "added.clerk", asks: "added.asks" };

/** A module with stock graphs whose tools append their names to the file `ran`. Types and expressions for `projectWith`. */
export const toolEngines = {
  source: `
import { appendFileSync } from "node:fs";
import { AIMessage, ToolMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, Command, END, entrypoint, getCurrentTaskInput, interrupt, MessagesAnnotation, START, StateGraph, task } from "@langchain/langgraph";
import { createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { z } from "zod";

import { mcpTools } from "./mcp.ts";
import { model } from "./model.ts";

const ran = (name) => appendFileSync("ran", name + "\\n");
const weather = tool(({ city }) => { ran("weather"); return "Sunny in " + city; }, {
  name: "weather", description: "The weather of a city.", schema: z.object({ city: z.string() }),
});
const broken = tool(() => { ran("broken"); throw new Error("The pipe of the boiler leaks"); }, {
  name: "broken", description: "Never works.", schema: z.object({}),
});
const ask = tool(({ question }) => { const said = interrupt({ question }); ran("ask"); return "They said " + said; }, {
  name: "ask", description: "Asks the user.", schema: z.object({ question: z.string() }),
});
const send = tool(({ to }) => { ran("send"); return "Sent to " + to; }, {
  name: "send", description: "Sends a letter.", schema: z.object({ to: z.string() }),
});
const fog = RunnableLambda.from(({ city }) => { ran("fog"); return "Fog in " + city; }).asTool({
  name: "fog", description: "The fog of a city.", schema: z.object({ city: z.string() }),
});
const handOff = tool((_input, config) => {
  ran("handOff");
  const { messages } = getCurrentTaskInput(config);
  const told = new ToolMessage({ content: "Handed over", tool_call_id: config.toolCall.id });
  return new Command({ goto: "expert", update: { messages: [...messages, told] }, graph: Command.PARENT });
}, { name: "hand_off", description: "Hands over to the expert.", schema: z.object({}) });

export const agent = createAgent({ model: model(), tools: [weather, broken, ask, fog] });
export const careful = createAgent({
  model: model(), tools: [send],
  middleware: [humanInTheLoopMiddleware({ interruptOn: { send: true } })],
});

const front = createAgent({ model: model(), tools: [handOff], name: "front" });
const expert = createAgent({ model: model(), tools: [weather], name: "expert" });
export const team = new StateGraph(MessagesAnnotation)
  .addNode("front", front.graph, { ends: ["expert", END] })
  .addNode("expert", expert.graph)
  .addEdge(START, "front")
  .addEdge("expert", END)
  .compile();

const other = tool(() => { ran("other"); return "Rain"; }, { name: "other", description: "The weather.", schema: z.object({}) });
export const direct = new StateGraph(MessagesAnnotation)
  .addNode("look", async () => ({ messages: [await model().invoke("Weather: " + await other.invoke({}))] }))
  .addEdge(START, "look")
  .addEdge("look", END)
  .compile();

const Counting = Annotation.Root({ ...MessagesAnnotation.spec, count: Annotation({ reducer: (_old, now) => now, default: () => 0 }) });
export const counter = new StateGraph(Counting)
  .addNode("tally", ({ count }) => ({ count: count + 1, messages: [new AIMessage("Number " + (count + 1))] }))
  .addEdge(START, "tally")
  .addEdge("tally", END)
  .compile();

export const maths = createAgent({ model: model(), tools: mcpTools("odd") });

const write = task("write", async (messages) => await model().invoke(messages));
export const flow = entrypoint("flow", async ({ messages }) => ({ messages: [await write(messages)] }));
`,
  graphs: {
    agent: "stock(added.agent)",
    careful: "stock(added.careful)",
    team: "stock(added.team)",
    direct: "stock(added.direct)",
    flow: "stock(added.flow)",
    maths: "stock(added.maths)",
    counter: "stock(added.counter)",
  },
};

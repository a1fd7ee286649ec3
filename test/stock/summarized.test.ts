import { expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { startEngines } from "./engines-server.ts";

/** Asks before it is done, if that is wanted. */
const source = `import { AIMessage } from "langchain";
import { Command, END, interrupt, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";

type State = typeof MessagesAnnotation.State;

export const careful = new StateGraph(MessagesAnnotation)
  .addNode("plan", () => ({ messages: [new AIMessage("I shall.")] }))
  .addNode("approve", ({ messages }: State) => {
    const isCareful = messages.some(({ text }) => text === "careful");
    if (isCareful) interrupt("May I?");
    return new Command({ goto: "done" });
  }, { ends: ["done"] })
  .addNode("done", () => ({ messages: [new AIMessage("Done.")] }))
  .addEdge(START, "plan").addEdge("plan", "approve").addEdge("done", END)
  .compile();
`;

it("a graph that goes on after its memory was summarized says nothing of earlier turns again", async () => {
  await using server = await startEngines(source, ["careful"]);
  const conversation = await server.client.join("c");
  const options = { engine: "careful" };
  const held = gate();
  server.model.answer(() => ({ text: "What was said before.", gate: held })); // only summaries ask the model
  for (let turn = 0; server.model.requests.length === 0 && turn < 60; turn += 1)
    await conversation.ask(`Question ${turn}`, { options });
  const summary = await server.model.waitForRequest(1);

  const { response } = await conversation.push("message", { content: "careful", options });
  const { turn_id } = response;
  const { requests } = await conversation.next("input_requested", (payload) => payload.turn_id === turn_id);
  held.open();
  await summary.closed;
  const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "yes" }));
  await conversation.push("respond", { turn_id, responses });
  expect((await conversation.turn(turn_id)).terminal.payload.response).toBe("I shall.\n\nDone.");
});

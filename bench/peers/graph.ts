import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ChatOpenAI } from "@langchain/openai";

const model = new ChatOpenAI({
  model: "bench",
  apiKey: "none",
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
});

async function respond({ messages }: typeof MessagesAnnotation.State) {
  return { messages: [await model.invoke([{ role: "system", content: "You are a helpful assistant." }, ...messages])] };
}

/** A chat as in LangGraph's documentation. Used by both LangGraph peers. */
export const chat = new StateGraph(MessagesAnnotation)
  .addNode("respond", respond)
  .addEdge("__start__", "respond")
  .addEdge("respond", "__end__");

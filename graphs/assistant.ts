import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { createAgent, createMiddleware } from "langchain";

import { instructed } from "./instructed.ts";
import { model } from "./model.ts";
import { prompt } from "./prompt.ts";
import { askUser } from "./tools/ask-user.ts";
import { searchFiles } from "./tools/search-files.ts";

/** After so many replies with tool calls, the model is told to answer; after more it gets no tools: some servers do not listen. */
const maxRounds = 8;
const noTools = 10;

const endsWithAnswer = createMiddleware({
  name: "EndsWithAnswer",
  wrapModelCall(request, handler) {
    const rounds = roundsIn(request.messages);
    if (rounds < maxRounds) return handler(request);
    return handler({ ...request, toolChoice: "none", ...(rounds >= noTools && { tools: [] }) });
  },
});

function roundsIn(messages: readonly BaseMessage[]): number {
  const asked = messages.findLastIndex((message) => HumanMessage.isInstance(message));
  return messages.slice(asked + 1).filter((message) => AIMessage.isInstance(message)).length;
}

/** An agent that searches the files of the conversation and asks the user. */
export const assistant = createAgent({
  model: model(),
  tools: [searchFiles, askUser],
  middleware: [instructed(prompt("assistant")), endsWithAnswer],
});

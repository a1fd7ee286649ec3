// The same agent as in `agent-engines.ts`, without a server: `POST /` invokes it once for each of the conversations. The model is the server's own, and is
// asked over HTTP.
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { type BaseMessage, HumanMessage } from "@langchain/core/messages";
import { createAgent } from "langchain";

import { Dialects } from "../../graphs/dialects.ts";
import { model } from "../../graphs/model.ts";
import { loadPrompts } from "../../graphs/prompt.ts";
import { runInTurn } from "../../graphs/stock/current.ts";
import { config } from "../../src/config.ts";
import { chatModels, routingPolicy } from "../../src/models/models.ts";
import { prices } from "../../src/models/prices.ts";
import { ledger } from "../../src/turns/ledger.ts";
import { contextOf, silentHost } from "../../src/turns/silent-host.ts";
import { listening } from "./listening.ts";

/** The body of a request. */
export interface Asked {
  conversations: string[];
  question: string;
}

const settings = config(process.env);
const services = {
  models: chatModels(settings),
  price: prices(settings),
  dialects: new Dialects(),
  routing: routingPolicy(settings),
};
const prompts = loadPrompts(settings.PROMPTS_DIR);
const agent = createAgent({ model: model() });

/** What the conversations have said. */
const said = new Map<string, BaseMessage[]>();

const server = createServer(async (request, response) => {
  const { conversations, question } = (await json(request)) as Asked;
  await Promise.all(conversations.map((id) => ask(id, question)));
  response.end();
});
listening(server);

async function ask(id: string, question: string): Promise<void> {
  const host = silentHost(services, prompts, ledger());
  const request = { context: {}, options: {}, preferences: {}, sampling: [] };
  const context = contextOf(request, host, { messages: [], summary: "" });
  const input = { messages: [...(said.get(id) ?? []), new HumanMessage(question)] };
  const { messages } = await runInTurn({ context }, () => agent.invoke(input));
  said.set(id, messages);
}

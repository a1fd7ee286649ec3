import { conversationThread } from "../../graphs/conversation.ts";
import { Dialects } from "../../graphs/dialects.ts";
import { engines } from "../../graphs/engines.ts";
import { config } from "../../src/config.ts";
import { chatModels, routingPolicy } from "../../src/models/models.ts";
import { prices } from "../../src/models/prices.ts";
import { promptFolder } from "../../src/reload/prompt-folder.ts";
import { logger } from "../../src/telemetry/log.ts";
import { studioTurn } from "./turn.ts";

/** The graphs that `langgraph.json` lists, for LangGraph Studio. Its server brings its own checkpointer. */

const settings = config(process.env);

const bench = {
  models: chatModels(settings),
  price: prices(settings),
  dialects: new Dialects(),
  routing: routingPolicy(settings),
  prompts: promptFolder(settings.PROMPTS_DIR, logger(settings.LOG_LEVEL)).current,
};

/** The part of a compiled graph that is wrapped here: every way to run it ends in `stream`. */
interface Streaming {
  stream(input: unknown, options?: { context?: unknown }): unknown;
}

/**
 * Gives every run its own turn context. `withConfig` cannot do that: the server passes a context with every run, even if
 * it is empty, and that replaces a bound one.
 */
function withTurns<Graph extends object>(graph: Graph): Graph {
  const streaming = graph as Streaming;
  const stream = streaming.stream.bind(graph);
  streaming.stream = (input, options) => stream(input, { ...options, context: studioTurn(bench, options?.context) });
  return graph;
}

/** Compiles a separate copy: the server attaches its checkpointer, and the registry's graph is also part of the conversation. */
function engine(type: keyof typeof engines) {
  return withTurns(engines[type].graph.builder.compile({ name: type }));
}

export const conversation = withTurns(conversationThread());
export const simple = engine("simple");
export const complex = engine("complex");
export const analysis = engine("analysis");
export const generation = engine("generation");
export const problem_solving = engine("problem_solving");
export const multi_step = engine("multi_step");

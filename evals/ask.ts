import { type Brain, brainOf } from "../graphs/brain.ts";
import { usesPrompt } from "../graphs/chosen-engines.ts";
import { Dialects } from "../graphs/dialects.ts";
import { assistantMessage, userMessage } from "../graphs/memory.ts";
import { loadPrompts, type PromptSet } from "../graphs/prompt.ts";
import type { Config } from "../src/config.ts";
import { chatModels, routingPolicy } from "../src/models/models.ts";
import { prices } from "../src/models/prices.ts";
import { check } from "../src/reload/save-prompt.ts";
import type { ModelServices } from "../src/turns/silent-host.ts";
import { type Answered, askDetached } from "../src/workbench/detached.ts";
import type { DatasetLine } from "./dataset.ts";

/** The server's own models and prompts, for answers and judges. */
export interface Bench {
  brain: Brain;
  tools: ModelServices;
  prompts: PromptSet;
  /** The timeout of a turn, in ms. */
  timeoutMs: number;
}

/** Builds a bench from the settings. `drafts` replaces prompts by name. Throws if a draft is invalid. */
export function bench(settings: Config, drafts: Record<string, string> = {}): Bench {
  const tools = {
    models: chatModels(settings),
    price: prices(settings),
    dialects: new Dialects(),
    routing: routingPolicy(settings),
  };
  const changed = Object.entries(drafts).map(([name, source]) => check(name, source));
  const all = [...loadPrompts(settings.PROMPTS_DIR, usesPrompt(settings.ENGINES)).values(), ...changed];
  const brain = brainOf(settings.ENGINES);
  return { brain, tools, prompts: new Map(all.map((file) => [file.name, file])), timeoutMs: settings.TURN_TIMEOUT_MS };
}

/** Answers a line like the server answers a message, but without a conversation. Rejects if the graph fails. */
export async function ask(
  { brain, tools, prompts, timeoutMs }: Bench,
  line: DatasetLine,
  model?: string,
): Promise<Answered> {
  const { history, summary, context, options, preferences, content, engine } = line;
  const memory = history.map((said) =>
    said.role === "user" ? userMessage(said.content) : assistantMessage(said.content),
  );
  const sampling = model ? [{ model }] : [];
  const request = { query: content, context, options, preferences, sampling, engine };
  const signal = AbortSignal.timeout(timeoutMs);
  return await askDetached(
    brain.conversation,
    tools,
    { request, memory: { messages: memory, summary }, prompts },
    {},
    signal,
  );
}

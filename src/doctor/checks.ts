import type { AIMessage } from "@langchain/core/messages";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { z } from "zod";

import type { Call } from "../../graphs/call.ts";
import type { ChatModel, ModelCallOptions } from "../../graphs/chat-model.ts";
import { Dialects } from "../../graphs/dialects.ts";
import { ModelFailure } from "../../graphs/failure.ts";
import type { ModelRequest } from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import { RequestMessages } from "../../graphs/request-messages.ts";
import { shape, structured } from "../../graphs/structured.ts";
import type { Config } from "../config.ts";
import type { Adaptations } from "../models/adapting/adaptations.ts";
import { chatModels } from "../models/models.ts";
import { ledger } from "../turns/ledger.ts";
import { silentHost } from "../turns/silent-host.ts";

/** One request to a model. */
export interface Asking {
  settings: Config;
  model: string;
  adaptations: Adaptations;
  signal: AbortSignal;
}

/** The figures of a successful check. */
export interface Told {
  note?: string;
  /** Until the first word. */
  firstMs?: number;
  reply?: AIMessage;
}

/** The same settings that the server sends, to see whether the model accepts them. */
const sampling = { temperature: 0.3, max_tokens: 300 };

const instructions = "You are being tested. Answer in one short line.";

/** A streamed reply that takes longer than this comes in several pieces, unless something buffers it. */
const longMs = 2_000;

const City = shape("city", z.object({ city: z.string(), country: z.string() }));

/** A reply that is not streamed. In turns it may take four times as long; here it has the same limit as the others. */
export async function plain(asking: Asking): Promise<Told> {
  const silenceMs = Math.ceil(asking.settings.MODEL_TIMEOUT_MS / 4);
  return toldBy(await ask(asking, { ...sampling, silenceMs }, "Say hello."));
}

export async function streamed(asking: Asking): Promise<Told> {
  const began = performance.now();
  let firstMs: number | undefined;
  let pieces = 0;
  const onText = () => {
    firstMs ??= Math.round(performance.now() - began);
    pieces += 1;
    return true;
  };
  const told = toldBy(await ask(asking, sampling, "Count from one to ten, in words.", { onText }));
  const isWhole = asking.adaptations.list().some(({ changes }) => changes.includes("without streaming"));
  if (isWhole) return { ...told, note: "the model cannot stream: answers appear at once" };
  if (pieces === 1 && performance.now() - began > longMs) {
    return { ...told, note: "it came in one piece: perhaps a proxy holds streams back" };
  }
  return { firstMs, ...told };
}

/** Asks like the engines' steps. Throws a ModelFailure if no reply fits. */
export async function structuredReply(asking: Asking, prompts: PromptSet): Promise<Told> {
  const asked: ModelCallOptions[] = [];
  const model = modelOf(asking, { temperature: sampling.temperature });
  const watched: ChatModel = {
    ...model,
    chat: {
      invoke(messages, options = {}) {
        asked.push(options);
        return model.chat.invoke(messages, options);
      },
    },
  };
  const services = {
    models: () => [watched],
    price: () => null,
    dialects: new Dialects(),
    routing: { mode: "local" as const },
  };
  const host = silentHost(services, prompts, ledger());
  const question = new HumanMessage("Which city is the capital of France?");
  const composed = {
    instructions,
    memory: { messages: [], summary: "" },
    told: () => "",
    gave: () => "",
    question,
    files: [],
  };
  const call: Call = {
    host,
    models: [watched],
    messages: new RequestMessages(composed, host),
    spending: { llm_calls: 0, cost_usd: 0, input_tokens: 0, output_tokens: 0, prompts: {} },
    signal: asking.signal,
  };
  const found = await structured(call, City);
  if (found) return { note: wayOf(asked.at(-1) ?? {}) };
  const help = "Engines with steps would answer without them: use a model that can write JSON.";
  throw new ModelFailure("model_unavailable", "No reply has the JSON that was asked for.", { help });
}

function wayOf({ response_format, tools }: ModelCallOptions): string {
  if (response_format) return "by its JSON schema";
  return tools ? "as a tool call" : "as text: the model takes neither a JSON schema nor tools";
}

function ask(asking: Asking, request: Partial<ModelRequest>, question: string, options: ModelCallOptions = {}) {
  const messages = [new SystemMessage(instructions), new HumanMessage(question)];
  return modelOf(asking, request).chat.invoke(messages, { signal: asking.signal, ...options });
}

function modelOf({ settings, model, adaptations }: Asking, request: Partial<ModelRequest>): ChatModel {
  const [found] = chatModels(
    settings,
    adaptations,
  )({
    prompt: "doctor",
    retries: 0,
    onRequest() {},
    ...request,
    model,
  });
  if (!found) throw new Error("There is no model.");
  return found;
}

function toldBy(reply: AIMessage): Told {
  if (reply.text.trim() !== "") return { reply };
  const { reasoning_content } = reply.additional_kwargs;
  const thinks = typeof reasoning_content === "string" || reply.response_metadata.finish_reason === "length";
  return { reply, note: thinks ? "nothing but thoughts came, for want of tokens" : "the answer was empty" };
}

import type { AIMessage } from "@langchain/core/messages";

import { ModelFailure } from "../../graphs/failure.ts";
import { HttpError } from "../../src/models/http/http-error.ts";
import { CompletionReader } from "../../src/models/reading/completion-reader.ts";
import { WholeReply } from "../../src/models/reply.ts";

/** What comes of a body: the reply, or the error. */
export type Outcome =
  | { message: AIMessage; text: string; reasoning: string; finish: unknown; isRestarted: boolean }
  | { error: HttpError | ModelFailure; text: string };

export interface BodyOptions {
  /** Where the network splits the bytes. */
  cuts?: number[];
  /** The connection breaks at the end of the bytes. */
  isCut?: boolean;
  /** Neither a length nor chunks tell where the body ends. */
  isUntilClose?: boolean;
}

/** Reads a body without a network. Throws if the reader throws an unexpected error. */
export function read(body: string | Buffer, { cuts = [], isCut, isUntilClose }: BodyOptions = {}): Outcome {
  const bytes = Buffer.from(body);
  const whole = new WholeReply();
  let text = "";
  let isRestarted = false;
  const reader = new CompletionReader({
    secrets: ["sk-our-own-secret"],
    onPiece(piece) {
      whole.add(piece);
      if (piece.isRestart) {
        isRestarted = true;
        text = "";
      }
      text += piece.text;
    },
  });
  try {
    reader.begin(isUntilClose ? {} : { "transfer-encoding": "chunked" });
    const places = [...cuts].sort((one, other) => one - other).concat(bytes.length);
    let from = 0;
    for (const to of places) {
      if (to > from && !reader.isOver) reader.read(bytes.subarray(from, to));
      from = Math.max(from, to);
    }
    if (isCut && !reader.settle()) throw new ModelFailure("model_unavailable", "cut");
    if (!isCut && !reader.isOver) reader.end();
  } catch (error) {
    if (error instanceof HttpError || error instanceof ModelFailure) return { error, text };
    throw error;
  }
  const message = whole.message();
  if (message.text !== text) throw new Error("The pieces differ from the whole.");
  const { reasoning_content: reasoning = "" } = message.additional_kwargs;
  return {
    message,
    text,
    reasoning: String(reasoning),
    finish: message.response_metadata.finish_reason,
    isRestarted,
  };
}

/** The same body, as one read, and byte by byte and in odd pieces if it is short. */
export function everyWay(body: string, options: BodyOptions = {}) {
  const { length } = Buffer.from(body);
  const every = (size: number) => Array.from({ length: Math.floor(length / size) }, (_, index) => index * size);
  return [[], ...(length < 10_000 ? [every(1), every(7)] : [])].map((cuts) => read(body, { ...options, cuts }));
}

/** One event. */
export function event(data: object | string): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** An event of a stream, with one choice. */
export function chunk(delta: object | null, finish_reason: unknown = null, more: object = {}): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  return event({ id: "c-1", object: "chat.completion.chunk", created: 1, model: "m-1", choices, ...more });
}

/** Each text in an event of its own, then a finish reason and `[DONE]`. */
export function stream(...texts: string[]): string {
  return `${texts.map((content) => chunk({ content })).join("")}${chunk({}, "stop")}${event("[DONE]")}`;
}

/** A completion that is not streamed. */
export function completion(message: object | null, more: object = {}): object {
  const choices = [{ index: 0, message, finish_reason: "stop" }];
  return { id: "c-1", object: "chat.completion", created: 1, model: "m-1", choices, ...more };
}

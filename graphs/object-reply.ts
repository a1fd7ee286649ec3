import type { z } from "zod";

import { collect } from "./ask.ts";
import type { Call } from "./call.ts";
import type { ChatModel } from "./chat-model.ts";
import { ModelFailure } from "./failure.ts";
import { fitting, objectsIn, type Shape } from "./fitting.ts";
import { ObjectWatch } from "./object-watch.ts";

/** What came of a request for an object. */
export interface ObjectReply<Value> {
  /** Undefined if nothing in the reply fits. */
  value: Value | undefined;
  hasJson: boolean;
  /** Only now was it learned what the server does not take. */
  adapted: boolean;
}

/** How long to wait for what follows a whole object, such as the usage. */
const endMs = 1_000;

/**
 * Asks for an object. The request ends soon after one that fits is complete, if nothing but blanks follows, and what happens to the
 * connection afterwards does not matter. Returns a failure that a request in another form may avoid, and throws all others.
 */
export async function objectReply<Schema extends z.ZodObject>(
  call: Call,
  model: ChatModel,
  expected: Shape<Schema>,
  options: NonNullable<Parameters<typeof collect>[2]>,
): Promise<ObjectReply<z.infer<Schema>> | ModelFailure> {
  const watch = new ObjectWatch(expected);
  const ended = new AbortController();
  let timer: NodeJS.Timeout | undefined;

  function follow(text: string): boolean {
    watch.add(text);
    if (!watch.isComplete) timer = void clearTimeout(timer);
    else timer ??= setTimeout(() => ended.abort(), endMs);
    return !watch.isOver;
  }

  const signal = call.signal ? AbortSignal.any([call.signal, ended.signal]) : ended.signal;
  try {
    const message = await collect(call, model, { ...options, signal, onText: follow, onArguments: follow });
    const objects = objectsIn(message);
    return {
      value: fitting(objects, expected),
      hasJson: objects.length > 0,
      adapted: message.response_metadata.adapted === true,
    };
  } catch (error) {
    call.signal?.throwIfAborted();
    if (watch.value) return { value: watch.value, hasJson: true, adapted: false };
    if (!(error instanceof ModelFailure && error.mayBeForm)) throw error;
    // A server that fell silent in the middle of its reply would do so again.
    if (error.code === "model_timeout" && watch.hasBegun) throw error;
    return error;
  } finally {
    clearTimeout(timer);
  }
}

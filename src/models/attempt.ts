import { ModelFailure } from "../../graphs/failure.ts";
import type { Piece } from "./completion.ts";
import { CompletionReader } from "./completion-reader.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { send } from "./http/send.ts";
import { silenceClock } from "./silence-clock.ts";

/** What is asked, and of whom. */
export interface Asked {
  endpoint: Endpoint;
  /** The request, as JSON. */
  body: string;
  /** Longest silence, in ms: before the first piece, and between two. */
  silenceMs: number;
  signal: AbortSignal | undefined;
  onRequest: () => void;
}

/** After the finish reason the usage may follow; a server that then says no more is not waited for. */
const afterFinishMs = 1_000;

/** Asks once, and reads until the reply is over or the taker of its pieces answers false. */
export async function attempt(asked: Asked, take: (piece: Piece) => boolean): Promise<void> {
  const { endpoint, body, silenceMs, signal, onRequest } = asked;
  const clock = silenceClock(silenceMs, signal);
  let isEnough = false;
  let isComplete = false;
  const reader = new CompletionReader((piece) => {
    clock.heard(piece.finish ? afterFinishMs : undefined);
    if (take(piece)) return;
    isEnough = true;
    clock.stop(false);
  });
  try {
    await send({ endpoint, body, reader, signal: clock.signal, onRequest });
    isComplete = true;
  } catch (error) {
    if (isEnough) return;
    signal?.throwIfAborted();
    // All of an answer may be there before its connection breaks, or says nothing more.
    if (reader.isFinished && (clock.silent || error instanceof ConnectionFailure)) return;
    if (clock.silent) throw new ModelFailure("model_timeout", "The model was silent for too long.");
    throw error;
  } finally {
    clock.stop(isComplete);
  }
}

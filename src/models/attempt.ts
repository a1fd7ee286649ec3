import { ModelFailure } from "../../graphs/failure.ts";
import type { Piece } from "./completion.ts";
import { CompletionReader } from "./completion-reader.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { send } from "./http/send.ts";
import { silenceClock } from "./silence-clock.ts";

export interface AttemptOptions {
  endpoint: Endpoint;
  /** The request, as JSON. */
  body: string;
  /** Longest silence before the first piece, and between two pieces. */
  silenceMs: number;
  signal: AbortSignal | undefined;
  onRequest: () => void;
}

/** How long to wait for the usage, which some servers send after the finish reason. */
const usageWaitMs = 1_000;

/** Sends a request once, and reads until the reply ends or `onPiece` returns false. */
export async function attempt(options: AttemptOptions, onPiece: (piece: Piece) => boolean): Promise<void> {
  const { endpoint, body, silenceMs, signal, onRequest } = options;
  const clock = silenceClock(silenceMs, signal);
  let isStopped = false;
  let isComplete = false;
  const reader = new CompletionReader((piece) => {
    clock.reset(piece.finish ? usageWaitMs : undefined);
    if (onPiece(piece)) return;
    isStopped = true;
    clock.stop(false);
  });
  try {
    await send({ endpoint, body, reader, signal: clock.signal, onRequest });
    isComplete = true;
  } catch (error) {
    if (isStopped) return;
    signal?.throwIfAborted();
    // The answer was complete before the connection broke or fell silent.
    if (reader.isFinished && (clock.silent || error instanceof ConnectionFailure)) return;
    if (clock.silent) throw new ModelFailure("model_timeout", "The model was silent for too long.");
    throw error;
  } finally {
    clock.stop(isComplete);
  }
}

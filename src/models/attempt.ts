import { ModelFailure } from "../../graphs/failure.ts";
import { type Endpoint, secretsOf } from "./http/endpoint.ts";
import { ConnectionFailure } from "./http/exchange.ts";
import { send } from "./http/send.ts";
import { CompletionReader, type Expected } from "./reading/completion-reader.ts";
import type { Piece } from "./reading/piece.ts";
import { silenceClock } from "./silence-clock.ts";

export interface AttemptOptions {
  endpoint: Endpoint;
  /** The request, as JSON. */
  body: string;
  /** Longest silence before the first piece, and between two pieces. */
  silenceMs: number;
  signal: AbortSignal | undefined;
  onRequest: () => void;
  onMoved?: (endpoint: Endpoint) => void;
}

/** How long to wait for more after a finish reason, if neither `[DONE]` nor the end of the body comes. Never longer than the silence limit. */
const waitMs: Record<Expected, number> = {
  anything: Number.POSITIVE_INFINITY,
  text: 5_000,
  usage: 3_000,
  end: 1_000,
};

/** Sends a request once, and reads until the reply ends or `onPiece` returns false. */
export async function attempt(options: AttemptOptions, onPiece: (piece: Piece) => boolean): Promise<void> {
  const { endpoint, body, silenceMs, signal, onRequest, onMoved } = options;
  const clock = silenceClock(silenceMs, signal);
  let isStopped = false;
  let isComplete = false;
  const reader = new CompletionReader({
    secrets: secretsOf(endpoint),
    onPiece(piece) {
      if (isStopped || onPiece(piece)) return;
      isStopped = true;
      clock.stop(false);
    },
    onRead(isProgress) {
      if (isStopped) return;
      if (isProgress) clock.reset(Math.min(silenceMs, waitMs[reader.expected]));
      else if (!reader.isFinished) clock.touch();
    },
  });
  try {
    await send({ endpoint, body, reader, signal: clock.signal, onRequest, onMoved });
    isComplete = true;
  } catch (error) {
    if (isStopped) return;
    signal?.throwIfAborted();
    // The answer was complete before the connection broke or fell silent.
    if ((clock.silent || error instanceof ConnectionFailure) && reader.settle()) return;
    if (clock.silent) throw silence(silenceMs);
    throw error;
  } finally {
    clock.stop(isComplete);
  }
}

function silence(silenceMs: number): ModelFailure {
  const help = `The model server sent nothing for ${silenceMs / 1000} s. If the model needs longer, raise MODEL_TIMEOUT_MS.`;
  return new ModelFailure("model_timeout", "The model was silent for too long.", { help });
}

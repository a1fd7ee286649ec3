import type { BaseMessage } from "@langchain/core/messages";

import { ModelFailure } from "../../../graphs/failure.ts";
import type { Sampling } from "../../../graphs/host.ts";
import type { Place } from "../http/endpoint.ts";
import { broken, type Piece } from "../reading/piece.ts";
import { type SilenceClock, silenceClock } from "../silence-clock.ts";
import { buildModel } from "./build.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { hookedFetch } from "./hooked-fetch.ts";
import type { ProviderModelName } from "./names.ts";
import { packageError } from "./package-error.ts";
import { chunks, type Structure } from "./request.ts";
import { traitsOf } from "./traits.ts";

export interface ProviderAttempt {
  name: ProviderModelName;
  sampling: Sampling;
  messages: BaseMessage[];
  structure: Structure;
  /** Longest silence before the first chunk, and between two chunks. */
  silenceMs: number;
  signal: AbortSignal | undefined;
  /** `place` is undefined if only the package knows it. */
  onRequest: (place?: Place) => void;
}

/** How long to wait for more after the reason of the end. */
const afterEndMs = 1_000;

/** Asks once, and reads until the reply ends or `onPiece` returns false. */
export async function attempt(options: ProviderAttempt, onPiece: (piece: Piece) => boolean): Promise<void> {
  const { name, sampling, silenceMs, signal } = options;
  const traits = traitsOf(name.provider);
  const clock = silenceClock(silenceMs, signal);
  let requests = 0;
  const onRequest = (place?: Place) => {
    requests += 1;
    options.onRequest(place);
  };
  const onBytes = () => {
    if (!reader.isFinished) clock.touch();
  };
  const hooked = hookedFetch({ signal: clock.signal, onRequest, onBytes, onLine: traits.onLine });
  const reader = new ChunkReader(traits, name.model);

  async function read(): Promise<void> {
    const model = await buildModel(name, sampling, hooked.fetch);
    if (!traits.fetch) onRequest();
    const replies = chunks(model, { ...options, traits, signal: clock.signal });
    try {
      while (true) {
        const next = await replies.next().catch((error: unknown) => {
          throw hooked.failure ?? packageError(error, requests > 0);
        });
        if (next.done || clock.signal.aborted) break;
        const piece = reader.read(next.value);
        clock.reset(reader.isFinished ? Math.min(afterEndMs, silenceMs) : undefined);
        if (!onPiece(piece)) return;
      }
      if (hooked.failure && !reader.isFinished) throw hooked.failure;
      if (traits.endsWithReason && !reader.isFinished) throw broken("The reply was cut.");
    } finally {
      replies.return(undefined).catch(() => {}); // it ended in an error that is known already, or was stopped
    }
  }

  try {
    await Promise.race([read(), aborted(clock)]);
  } catch (error) {
    signal?.throwIfAborted();
    if (reader.isFinished && (clock.silent || error === hooked.failure)) return;
    if (clock.silent) throw new ModelFailure("model_timeout", "The model was silent for too long.");
    throw error;
  } finally {
    clock.stop(false);
  }
}

/** Rejects when the clock's signal aborts, since a package may take long to notice it. */
function aborted({ signal }: SilenceClock): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

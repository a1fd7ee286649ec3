import { ModelFailure } from "../../graphs/failure.ts";
import type { JsonObject } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Outcome, Turn } from "../store/store.ts";
import type { Route } from "./host.ts";

/** How a turn is ended before its graph does; the reason of its abort signal. */
export class TurnEnd extends Error {
  readonly kind: "stopped" | "reset" | "shutdown";
  constructor(kind: TurnEnd["kind"]) {
    super(`The turn was ended: ${kind}.`);
    this.name = "TurnEnd";
    this.kind = kind;
  }
}

interface Answer {
  text: string;
  route: Pick<Route, "conversation_type" | "routed_to"> | undefined;
  metadata: JsonObject;
}

/** The route of a turn that was stopped before it had one. */
const notRouted = { decided_by: "rule", confidence: 0, reason: "The turn was stopped before it was routed." };

/** A turn that answered, in full or until it was stopped. */
export function answered(turn: Turn, { text, route, metadata }: Answer, stopped = false): Outcome {
  const facts = {
    routing: notRouted,
    ...metadata,
    ...(stopped && { stopped: true }),
    ...(turn.replaces && { replaces: turn.replaces }),
  };
  return outcome(stopped ? "stopped" : "completed", { text, route, metadata: facts });
}

/** A turn that failed; what it had shown stays in the history. */
export function failed({ text, route, metadata }: Answer, { code, message, details }: ChannelError): Outcome {
  return outcome("failed", { text, route, metadata: { ...metadata, error: { ...details, code, message } } });
}

function outcome(status: Outcome["status"], { text, route, metadata }: Answer): Outcome {
  return {
    status,
    response: text,
    conversationType: route?.conversation_type ?? null,
    routedTo: route?.routed_to ?? null,
    metadata,
    timestamp: new Date().toISOString(),
  };
}

const words: Record<ModelFailure["code"], string> = {
  model_timeout: "The model took too long to answer.",
  model_rate_limited: "The model is over its rate limit. Try again in a while.",
  model_refused: "The model refused to answer.",
  model_unavailable: "The model cannot be reached or gave no usable answer.",
};

/** What a client learns of a failure in the graph. */
export function turnError(error: unknown): ChannelError {
  if (error instanceof ModelFailure) return new ChannelError(error.code, words[error.code], { cause: error });
  return ChannelError.from(error);
}

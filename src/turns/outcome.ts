import { GraphChanged, ModelFailure } from "../../graphs/failure.ts";
import type { JsonObject } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Outcome, Turn } from "../store/turns.ts";
import type { Route } from "./ledger.ts";

/** The abort reason of a turn that is ended before its graph finishes. `lost`: its claim is void. `expired`: its claim may be void. */
export class TurnEnd extends Error {
  readonly kind: "stopped" | "reset" | "shutdown" | "lost" | "expired";
  constructor(kind: TurnEnd["kind"]) {
    super(`The turn was ended: ${kind}.`);
    this.name = "TurnEnd";
    this.kind = kind;
  }
}

/** An engine's graph finished without text. */
export class NoAnswer extends Error {
  constructor(engine: string) {
    super(`The engine ${engine} finished without an answer: it streamed no text, and its state has no \`answer\`.`);
    this.name = "NoAnswer";
  }
}

interface Answer {
  text: string;
  route: Pick<Route, "conversation_type" | "routed_to"> | undefined;
  metadata: JsonObject;
  firstWordMs?: number;
}

const notRouted = { decided_by: "rule", confidence: 0, reason: "The turn was stopped before it was routed." };

/** The outcome of a turn that answered, in full or until it was stopped. */
export function answered(turn: Turn, { metadata, ...answer }: Answer, stopped = false): Outcome {
  const facts = {
    routing: notRouted,
    ...metadata,
    ...(stopped && { stopped: true }),
    ...replaced(turn),
  };
  return outcome(stopped ? "stopped" : "completed", { ...answer, metadata: facts });
}

/** The outcome of a turn that failed. Text that was already shown stays in the history. */
export function failed(turn: Turn, { metadata, ...answer }: Answer, { code, message, details }: ChannelError): Outcome {
  const facts = { ...metadata, ...replaced(turn), error: { ...details, code, message } };
  return outcome("failed", { ...answer, metadata: facts });
}

function replaced({ replaces }: Turn) {
  return replaces ? { replaces } : {};
}

function outcome(status: Outcome["status"], { text, route, metadata, firstWordMs }: Answer): Outcome {
  return {
    status,
    response: text,
    conversationType: route?.conversation_type ?? null,
    routedTo: route?.routed_to ?? null,
    metadata,
    ...(firstWordMs !== undefined && { firstWordMs }),
    timestamp: new Date().toISOString(),
  };
}

const failureMessages: Record<ModelFailure["code"], string> = {
  model_timeout: "The model took too long to answer.",
  model_rate_limited: "The model's rate limit is exceeded. Try again later.",
  model_refused: "The model refused to answer.",
  model_unavailable: "The model cannot be reached or gave no usable answer.",
};

/** The engine of a turn that waited cannot go on with it. */
export function changed(cause?: unknown): ChannelError {
  const message = "The server was changed while the turn waited, and cannot go on with it.";
  return new ChannelError("interrupted", message, { cause });
}

/** The error that clients see for a failure in the graph. */
export function turnError(error: unknown): ChannelError {
  if (error instanceof ModelFailure) return new ChannelError(error.code, failureMessages[error.code], { cause: error });
  return error instanceof GraphChanged ? changed(error) : ChannelError.from(error);
}

/** An engine's findings as metadata, without empty lists. Throws if they cannot be serialized as JSON. */
export function withoutEmpty(findings: JsonObject): JsonObject {
  const data: JsonObject = JSON.parse(JSON.stringify(findings));
  return Object.fromEntries(Object.entries(data).filter(([, value]) => !(Array.isArray(value) && value.length === 0)));
}

import {
  type Attributes,
  context,
  type Link,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";

import type { JsonObject } from "../../../graphs/host.ts";
import type { Outcome, Turn } from "../../store/turns.ts";
import type { Ended, Resumed, TurnSpan } from "../spans.ts";
import { attemptIds, clientSpan, type GivenIds } from "./ids.ts";
import { names, own } from "./names.ts";
import { RunSpans } from "./run-spans.ts";

interface Begun {
  tracer: Tracer;
  ids: GivenIds;
  withContent: boolean;
}

/** Begins the span of an attempt. Its parent is the client's span, if the message came with one. */
export function turnSpan({ tracer, ids, withContent }: Begun, turn: Turn, resumed: Resumed | undefined): TurnSpan {
  const parent = clientSpan(turn);
  const around = parent ? trace.setSpanContext(context.active(), parent) : context.active();
  const common: Attributes = {
    [names.conversation]: turn.conversationId,
    [names.session]: turn.sessionId,
    [names.user]: turn.userId,
    [own.turn]: turn.id,
    [own.attempt]: turn.attempt,
  };
  const attributes = { ...common, [names.operation]: "invoke_agent" };
  const links = resumed ? [linkTo(turn, parent)] : [];
  const given = attemptIds(turn, turn.attempt);
  const start = () => tracer.startSpan("invoke_agent", { kind: SpanKind.INTERNAL, attributes, links }, around);
  const span = ids.give(given, start);
  if (resumed) span.addEvent("turn.resumed", { "turn.resumed.after": resumed });
  const runs = span.isRecording()
    ? new RunSpans({ tracer, context: trace.setSpan(around, span), common, withContent })
    : undefined;
  const { traceId, spanId } = span.spanContext();
  return {
    ids: { trace_id: traceId, span_id: spanId },
    callbacks: runs ? [runs] : [],
    queued: (ms) => void span.setAttribute(own.queuedMs, Math.round(ms)),
    ended(end) {
      runs?.close();
      describe(span, end);
      span.end();
    },
  };
}

/** To the attempt before, which may have run on another node, or may never have been sent. */
function linkTo(turn: Turn, parent: SpanContext | undefined): Link {
  const earlier = turn.attempt - 1;
  const traceFlags = parent?.traceFlags ?? TraceFlags.SAMPLED;
  return {
    context: { ...attemptIds(turn, earlier), traceFlags, isRemote: true },
    attributes: { [own.earlier]: earlier },
  };
}

function describe(span: Span, { outcome, wait, isInterrupted, facts }: Ended): void {
  if (outcome) describeOutcome(span, outcome);
  else if (facts) span.setAttributes(attributesOf(facts));
  const { routed_to } = outcome ? { routed_to: outcome.routedTo } : (facts ?? {});
  if (typeof routed_to === "string") span.updateName(`invoke_agent ${routed_to}`).setAttribute(names.agent, routed_to);
  if (wait) span.addEvent("turn.waits", { "turn.waits.questions": wait.questions.length });
  if (isInterrupted) span.addEvent("turn.released");
  const status = outcome?.status ?? (wait ? "waiting" : isInterrupted ? "released" : "abandoned");
  span.setAttribute(own.status, status);
}

function describeOutcome(span: Span, { status, metadata, conversationType, routedTo, firstWordMs }: Outcome): void {
  span.setAttributes(attributesOf({ ...metadata, conversation_type: conversationType, routed_to: routedTo }));
  if (firstWordMs !== undefined) span.setAttribute(names.firstChunk, firstWordMs / 1_000);
  if (status !== "failed") return;
  const code = String(Object(metadata.error).code);
  span.setAttribute(names.error, code).setStatus({ code: SpanStatusCode.ERROR, message: code });
}

/** What a response's metadata says of the turn. */
function attributesOf(facts: JsonObject): Attributes {
  const { conversation_type, routed_to, model_used, fallback_model } = facts;
  const usage: JsonObject = Object(facts.usage);
  const routing: JsonObject = Object(facts.routing);
  return {
    [own.engine]: text(conversation_type),
    [own.route]: text(routed_to),
    [own.decidedBy]: text(routing.decided_by),
    [own.confidence]: number(routing.confidence),
    [names.responseModel]: text(model_used),
    [own.fallback]: text(fallback_model),
    [names.inputTokens]: number(usage.input_tokens),
    [names.outputTokens]: number(usage.output_tokens),
    [own.calls]: number(usage.llm_calls),
    [own.cost]: number(usage.cost_usd),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

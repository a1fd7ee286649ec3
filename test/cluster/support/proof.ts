import { answerText } from "../../support/client.ts";
import type { Received } from "../../support/conversation.ts";
import type { ModelRequest } from "../../support/model-server.ts";
import { type Answers, nameIn } from "./answers.ts";
import type { Member } from "./member.ts";
import type { Asked, Talk } from "./talk.ts";

/** A turn that crashed so often has to end as interrupted. */
const deadlyCrashes = 3;

/** Every broken promise of a turn, in these conversations. */
export function broken(talks: readonly Talk[], answers: Answers): string[] {
  const wrong = talks.flatMap((talk) => [
    ...wrongHistory(talk, answers),
    ...talk.members.flatMap((member, index) =>
      [...wronglySeen(talk, member, answers)].map((one) => `${talk.id}, member ${index} (${member.kind}): ${one}`),
    ),
  ]);
  return [...wrong, ...repeatedSteps(answers.requests)];
}

/** The rows of the history are the acknowledged messages, each once and in order. */
function* wrongHistory({ id, asked, history }: Talk, answers: Answers): Generator<string> {
  const ids = history.map(({ turn_id }) => turn_id);
  const acknowledged = asked.slice(-200).map(({ turnId }) => turnId);
  if (JSON.stringify(ids) !== JSON.stringify(acknowledged))
    yield `${id}: the history has ${JSON.stringify(ids)}, acknowledged were ${JSON.stringify(acknowledged)}`;
  for (const [index, { name, content, turnId, mayFail }] of asked.slice(-200).entries()) {
    const kept = history[index];
    if (kept?.turn_id !== turnId) continue;
    if (kept.query !== content) yield `${id}: ${name} is kept as ${kept.query}`;
    if (kept.status === "failed" && (mayFail || answers.said(name).length >= deadlyCrashes)) continue;
    if (kept.status !== "completed") yield `${id}: ${name} is ${kept.status}`;
    else if (kept.response !== answers.said(name).at(-1))
      yield `${id}: ${name} was answered as ${kept.response}, the last attempt said ${answers.said(name).at(-1)}`;
  }
}

function* wronglySeen({ asked, history }: Talk, member: Member, answers: Answers): Generator<string> {
  const { events } = member;
  const firstEnds: number[] = [];
  for (const turn of asked) {
    const own = (one: Received) => isEnd(one) && one.payload.turn_id === turn.turnId;
    const ends = events.flatMap((one, index) => (own(one) ? [index] : []));
    const [first] = ends;
    if (first === undefined) {
      yield `${turn.name} did not end`;
      continue;
    }
    firstEnds.push(first);
    yield* wrongEnds(turn, member, ends);
    yield* wrongText(turn, member, first, answers);
    const kept = history.find(({ turn_id }) => turn_id === turn.turnId);
    const { event, payload } = events[first] ?? {};
    if (kept && event === "response" && payload?.response !== kept.response)
      yield `${turn.name} ended as ${payload?.response}, is kept as ${kept.response}`;
  }
  if (firstEnds.some((index, nth) => index < (firstEnds[nth - 1] ?? 0))) yield "turns ended out of order";
}

function* wrongEnds({ name }: Asked, member: Member, ends: number[]): Generator<string> {
  const again = ends.slice(1);
  if (again.length > 0 && member.kind === "cursor") yield `${name} ended ${ends.length} times for a cursor`;
  for (const index of again) {
    if (!isRedelivered(member.events[index])) yield `${name} ended again, unmarked`;
    if (!comesByRejoin(member, index)) yield `${name} ended again without a rejoin`;
  }
}

function* wrongText({ name, turnId }: Asked, member: Member, end: number, answers: Answers): Generator<string> {
  const own = member.events
    .map((one, index) => ({ ...one, index }))
    .filter(({ payload }) => payload.turn_id === turnId);
  const late = own.find((one) => one.index > end && !isEnd(one));
  if (late) yield `${late.event} of ${name} after its end`;
  const deltas = own.filter(({ event }) => event === "response_delta").map(({ payload }) => payload);
  let text = "";
  try {
    text = answerText(deltas);
  } catch (error) {
    yield `${name}: ${String(error)}`;
    return;
  }
  if (!answers.said(name).some((said) => said.startsWith(text))) yield `${name} was shown as ${text}`;
  const { event, payload } = member.events[end] ?? {};
  if (event !== "response" || comesByRejoin(member, end)) return;
  if (payload?.response !== text) yield `${name} was shown as ${text}, ended as ${payload?.response}`;
}

/** Steps that were asked again although a later step of the same turn had been asked. */
export function repeatedSteps(requests: readonly ModelRequest[]): string[] {
  const stepOf = (request: ModelRequest) => JSON.stringify([request.system.slice(0, 200), request.schema]);
  const byTurn = Map.groupBy(requests, nameIn);
  byTurn.delete(undefined);
  return [...byTurn].flatMap(([name, own]) => {
    const steps = own.map((request) => ({ step: stepOf(request), structured: request.structured }));
    return steps.flatMap(({ step, structured }, index) => {
      const first = steps.findIndex((one) => one.step === step);
      const isPassed = steps.slice(first, index).some((between) => between.step !== step);
      return structured && isPassed ? [`${name}: asked again: ${step.slice(0, 120)}`] : [];
    });
  });
}

/** Answers that were asked for while an earlier request for the same answer was still open. */
export function rivals(talks: readonly Talk[], answers: Answers): string[] {
  return talks.flatMap(({ asked }) =>
    asked.flatMap(({ name }) => {
      const own = answers.requestsFor(name);
      return own.flatMap((request, index) => {
        const next = own[index + 1];
        const overlapMs = next ? (request.closedByClientAt ?? next.at) - next.at : 0;
        return overlapMs > 0 ? [`${name} was asked for twice at the same time, for ${Math.round(overlapMs)} ms`] : [];
      });
    }),
  );
}

export function isEnd({ event }: Received): boolean {
  return event === "response" || event === "error";
}

function isRedelivered(one: Received | undefined): boolean {
  return one?.payload.redelivered === true || one?.payload.metadata?.redelivered === true;
}

/** Whether an event is part of what a member missed, which ends with `presence_state`. */
function comesByRejoin({ events, joins }: Member, index: number): boolean {
  const joined = joins.findLast((one) => one.events <= index);
  if (!joined) return false;
  return !events.slice(joined.events, index).some(({ event }) => event === "presence_state");
}

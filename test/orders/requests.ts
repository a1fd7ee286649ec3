import { textOf } from "../support/model-request.ts";
import { contentOf, type Model, precedes, type Turn } from "./model.ts";
import type { Run } from "./run.ts";
import type { Asked } from "./script.ts";
import { isPrefix } from "./seen.ts";

/** Model requests that a provider would refuse, or that should not exist. */
export function* malformed({ scripts }: Run): Generator<string> {
  for (const stranger of scripts.strangers) yield `asked of no turn: ${stranger.user}`;
  for (const { request } of scripts.asked) {
    const [system, ...rest] = request.messages;
    const isInOrder = rest.every(({ role }, index) => role === (index % 2 ? "assistant" : "user"));
    const isFull = request.messages.every((message) => textOf(message).trim() !== "");
    if (system?.role !== "system" || !isInOrder || rest.at(-1)?.role !== "user" || !isFull)
      yield `malformed: ${JSON.stringify(rest)}`;
  }
}

/** Turns that did not run one at a time, in the order accepted. */
export function* outOfOrder(model: Model): Generator<string> {
  const asked = model.turns.flatMap((turn) => model.askedFor(turn).map((one) => ({ turn, ...one })));
  for (const [index, one] of asked.entries()) {
    for (const other of asked.slice(index + 1)) {
      if (one.turn === other.turn) continue;
      const [first, second] = one.request.at <= other.request.at ? [one, other] : [other, one];
      const isAborted = ({ request }: Asked) => request.closedByClientAt !== undefined;
      // The request of a stopped turn may arrive late.
      const isLate = precedes(second.turn.op, first.turn.op) && !isAborted(second);
      if (isLate) yield `${contentOf(first.turn)} ran before ${contentOf(second.turn)}`;
      // The server may notice a cut connection before the model does.
      const isLeft = isAborted(first) || isAborted(second) || first.script.plan.ending === "cut";
      if (first.closedAt > second.request.at && !isLeft)
        yield `${contentOf(second.turn)} ran beside ${contentOf(first.turn)}`;
    }
  }
}

/** Turns whose requests did not contain the right history. */
export function* wronglyRemembered(model: Model): Generator<string> {
  for (const turn of model.turns) {
    for (const { request } of model.askedFor(turn)) {
      const messages = request.messages.slice(1, -1).map(textOf);
      const pairs = messages.flatMap((question, index) =>
        index % 2 ? [] : [{ question, answer: messages[index + 1] ?? "" }],
      );
      for (const wrong of wrongMemory(model, turn, pairs))
        yield `${contentOf(turn)} ${wrong}: ${JSON.stringify(pairs)}`;
    }
  }
}

function* wrongMemory(model: Model, turn: Turn, pairs: { question: string; answer: string }[]): Generator<string> {
  const { must, may } = model.history(turn.op.begunAt, turn.op.repliedAt, { own: turn });
  const known = [...may].filter((one) => one !== turn && !precedes(turn.op, one.op));
  let last: Turn | undefined;
  const found = new Set<Turn>();
  for (const { question, answer } of pairs) {
    const remembered = known.find(
      (one) => contentOf(one) === question && !found.has(one) && mayHaveAnswered(model, one, answer),
    );
    if (!remembered) {
      yield `remembers what is not of its history, ${question}`;
      continue;
    }
    if (last && precedes(remembered.op, last.op)) yield "remembers in another order";
    found.add(remembered);
    last = remembered;
  }
  for (const one of known) {
    const isAnswered = model.endOf(one)?.payload.response?.trim();
    if (isAnswered && must.has(one) && precedes(one.op, turn.op) && !found.has(one))
      yield `has forgotten ${contentOf(one)}`;
  }
}

function mayHaveAnswered(model: Model, turn: Turn, answer: string): boolean {
  const end = model.endOf(turn);
  if (end?.event === "response") return end.payload.response === answer;
  return isPrefix(turn, answer);
}

/** Steps that ran again although a later step had already run. */
export function* repeatedSteps(model: Model): Generator<string> {
  for (const turn of model.turns) {
    const asked = model.askedFor(turn);
    for (const [index, { request, isAnswer }] of asked.entries()) {
      if (isAnswer) continue;
      const again = asked.findIndex((other, at) => at > index && isSame(other, asked[index]));
      const between = asked.slice(index, again < 0 ? index : again);
      const isPassed = between.some((other) => other.isAnswer || (request.structured && !isSame(other, asked[index])));
      if (isPassed) yield `${contentOf(turn)} repeats a step: ${request.rawBody.slice(0, 300)}`;
    }
  }
}

function isSame(one: Asked, other: Asked | undefined): boolean {
  return (
    !one.isAnswer && one.request.system === other?.request.system && one.request.structured === other.request.structured
  );
}

import { isDeepStrictEqual } from "node:util";

import type { InputRequest } from "../../graphs/host.ts";
import { isObject } from "../../graphs/json.ts";
import { ChannelError } from "../errors.ts";
import type { Past } from "./past.ts";
import type { ReplayedAnswer } from "./wire/turns.ts";

export interface ReplayedAnswers {
  /** The answers by the graph's ids. Throws a ChannelError if there is none. */
  answer(requests: readonly InputRequest[]): Record<string, unknown>;
  /** In the order in which they were given. */
  all: readonly ReplayedAnswer[];
}

/**
 * Answers a replay's questions as a person has answered the turn's. A question that the turn did not ask gets the answer to the first one of
 * the same form, but not with live tools: an approval holds for what was approved.
 */
export function replayedAnswers(past: Past | undefined): ReplayedAnswers {
  const left = (past?.waits ?? []).flatMap(({ questions }) => questions);
  const all: ReplayedAnswer[] = [];

  function answerTo(value: unknown): unknown {
    const same = left.find((question) => isDeepStrictEqual(question.value, value));
    const found =
      same ?? (past?.tools === "live" ? undefined : left.find((question) => hasForm(question.value, value)));
    if (!found?.answer) {
      const why = found ? "which was not answered in the turn" : "which was not asked in the turn";
      throw new ChannelError("not_recorded", `The replay asks a person something ${why}: there is no answer to use.`);
    }
    left.splice(left.indexOf(found), 1);
    const answer = found.answer.value;
    all.push({ value, answer, from: same ? "same_question" : "other_question" });
    return answer;
  }

  return {
    all,
    answer: (requests) =>
      Object.fromEntries(requests.map(({ interrupt_id, value }) => [interrupt_id, answerTo(plain(value))])),
  };
}

/** As it was stored. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value) ?? "null");
}

/** The same keys and the same numbers of entries, with other texts and numbers. */
function hasForm(one: unknown, other: unknown): boolean {
  if (Array.isArray(one) && Array.isArray(other))
    return one.length === other.length && one.every((entry, at) => hasForm(entry, other[at]));
  if (!isObject(one) || !isObject(other)) return typeof one === typeof other && isObject(one) === isObject(other);
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && hasForm(one[key], other[key]))
  );
}

import { generator } from "./fit/trees.ts";
import type { Kind } from "./items.ts";
import type { Answer } from "./measure.ts";

/** The shares of a sample. */
const shares: readonly [Kind, number][] = [
  ["real", 1 / 2],
  ["openers", 1 / 4],
  ["mid-session", 1 / 4],
];

const seed = 17;

/** A random but fixed sample: half real messages, a quarter openers, a quarter in mid-session. A larger one contains the smaller ones. */
export function sampled(answers: readonly Answer[], size: number): Answer[] {
  return shares.flatMap(([kind, share]) =>
    shuffled(answers.filter(({ group }) => group.kind === kind)).slice(0, Math.ceil(size * share)),
  );
}

function shuffled<T>(all: readonly T[]): T[] {
  const random = generator(seed);
  return all
    .map((one) => ({ one, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one);
}

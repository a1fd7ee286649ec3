import { type Background, comparison, probabilityOf, similarity } from "./examples.ts";
import { type Features, features } from "./features.ts";

/** An engine that has examples. */
export interface ExampleEngine {
  type: string;
  /** The examples' words. */
  words: ReadonlyMap<number, number>[];
  /** The probability that a message is for this engine. Undefined if the weights know the engine: then only nearly the same messages count. */
  likeness: ((seen: Features, hasHistory: boolean) => number) | undefined;
}

/** From this similarity of their words on, a message counts as nearly the same as an example. */
const nearlySame = 0.75;

/**
 * No message is more certainly for an engine than this because of its examples. One that has hardly a word in common with any of them
 * leaves room for doubt: a rare signal, such as a word of small talk, can make it look alike.
 */
const maxProbability = { alike: 0.98, otherwise: 0.85 };

/** From this similarity on, a message has words in common with an example. */
const alike = 0.16;

export function exampleEngine(
  type: string,
  examples: readonly string[],
  background: Background | undefined,
): ExampleEngine {
  const signals: Float64Array[] = [];
  const words: Map<number, number>[] = [];
  for (const content of examples) {
    const { signals: found, grams } = features({ content, history: [], context: {} });
    signals.push(found.slice());
    words.push(new Map(Array.from({ length: grams.count }, (_, i) => [grams.slot[i] ?? 0, grams.weight[i] ?? 0])));
  }
  return { type, words, likeness: background && likenessTo(background, signals) };
}

function likenessTo(background: Background, signals: readonly Float64Array[]): ExampleEngine["likeness"] {
  const compare = comparison(background, signals);
  return (seen, hasHistory) => probabilityOf(compare(seen, hasHistory), background.coefficients);
}

/** The odds that a message is for this engine, judged by the examples alone. */
export function oddsOf({ words, likeness }: ExampleEngine, seen: Features, hasHistory: boolean): number {
  const near = Math.max(...words.map((example) => similarity(seen.grams, example)));
  const like = likeness?.(seen, hasHistory) ?? 0;
  const most = near >= alike ? maxProbability.alike : maxProbability.otherwise;
  const probability = Math.min(most, near >= nearlySame ? Math.max(near, like) : like);
  return probability / (1 - probability);
}

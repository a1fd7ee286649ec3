import { createRouter, type RoutableEngine } from "conversation-channel-router";
import { packBackground, shippedWeights, type Weights } from "conversation-channel-router/weights.ts";
import { learnBackground } from "./fit/background.ts";
import { type Lesson, learn, types } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { lessons } from "./held-out.ts";
import type { Group, Item } from "./items.ts";
import type { Answer } from "./measure.ts";

/** The type that is held out of training and added by examples. */
export const newType = "problem_solving";

/** The examples that add it. They were written once, and are in no data file. */
export const examples = [
  "the app crashes as soon as I open the settings page",
  "docker build fails at the npm ci step and I don't know why",
  "TypeError: Cannot read properties of undefined (reading 'map')",
  "my query returns every row twice",
  "Why does this loop never end?",
  "getting a 502 from nginx since this morning, backend logs are empty",
  "tests pass on my machine but fail in CI",
  "button does nothing when I click it",
  "permission denied when the cron job writes to /var/backups",
  "The totals in the report are wrong after the last migration, they should add up to 100.",
  "login keeps redirecting me back to the login page",
  "wifi module disconnects after about ten minutes, nothing in the serial output",
];

const known = types.filter((type) => type !== newType);

/** Judges each fold with a router whose weights have seen neither the fold nor any message of the new type. */
export function routedByExample(folds: readonly (readonly Group[])[], onFold: (at: number) => void): Answer[] {
  return folds.flatMap((fold, at) => {
    onFold(at);
    const groupOf = new Map(fold.flatMap((group) => group.items.map((item): [Item, Group] => [item, group])));
    const others = lessons()
      .filter(({ item }) => !groupOf.has(item) && item.label !== newType)
      .map(({ item, lesson }) => ({ item, lesson: withoutNewType(lesson) }));
    const decide = createRouter({ engines: registry(), weights: weightsOf(others) });
    return [...groupOf].map(([item, group]) => {
      const { type, confidence, sure } = decide(item.content, item.history, item.context);
      return { item, group, type, confidence, sure };
    });
  });
}

function registry(): Record<string, RoutableEngine> {
  return { ...Object.fromEntries(known.map((type) => [type, {}])), [newType]: { examples } };
}

/** Weights for the known types, with the shipped threshold, favour and sharpness: a new engine changes none of them. */
function weightsOf(others: readonly { item: Item; lesson: Lesson }[]): Weights {
  const shipped = shippedWeights();
  const model = { ...learn(others.map(({ lesson }) => lesson)), sharpness: shipped.sharpness };
  const background = packBackground(learnBackground(others, known));
  return { ...shipped, types: [...known], ...packed(model), background };
}

function withoutNewType({ target, ...lesson }: Lesson): Lesson {
  const kept = target.filter((_, k) => types[k] !== newType);
  const sum = kept.reduce((total, share) => total + share, 0);
  return { ...lesson, target: kept.map((share) => share / sum) };
}

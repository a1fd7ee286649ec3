import { onlySimple, probabilities } from "conversation-channel-router/model.ts";
import { unpack } from "conversation-channel-router/weights.ts";
import { type Lesson, learn, lesson, types } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { type Item, items } from "./items.ts";

/** A message with its probabilities from a model that was trained without the message's source. */
export interface Judged {
  item: Item;
  group: string;
  shares: Float64Array;
}

let known: { item: Item; lesson: Lesson }[] | undefined;

/** All messages as training examples. Cached, since every fold needs most of them. */
export function lessons(): { item: Item; lesson: Lesson }[] {
  known ??= items.map((item) => ({ item, lesson: lesson(item) }));
  return known;
}

/** Judges each fold with a model trained on all other messages, including written ones. */
export function judgedByOthers(folds: readonly { name: string; items: readonly Item[] }[]): Judged[] {
  return folds.flatMap(({ name, items: left }) => {
    const out = new Set(left);
    const all = lessons();
    const model = unpack(packed(learn(all.filter(({ item }) => !out.has(item)).map((it) => it.lesson))));
    return all
      .filter(({ item }) => out.has(item))
      .map(({ item, lesson: { features, hasHistory } }) => ({
        item,
        group: name,
        shares: features.empty ? onlySimple(types) : probabilities(model, features, hasHistory),
      }));
  });
}

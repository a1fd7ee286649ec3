import { type Model, onlySimple, probabilities } from "conversation-channel-router/model.ts";
import { unpack } from "conversation-channel-router/weights.ts";
import { type Lesson, learn, lesson, types } from "./fit/model.ts";
import { packed } from "./fit/packed.ts";
import { type Group, type Item, items } from "./items.ts";

/** A message with its probabilities, not yet calibrated, from a model that was trained without the message's group. */
export interface Judged {
  item: Item;
  group: Group;
  isOpener: boolean;
  shares: Float64Array;
}

/** A message, prepared for training. */
export interface Labelled {
  item: Item;
  lesson: Lesson;
}

let known: Labelled[] | undefined;

/** All messages as training examples. Cached, since every fold needs most of them. */
export function lessons(): Labelled[] {
  known ??= items.map((item) => ({ item, lesson: lesson(item) }));
  return known;
}

/** Judges each fold with a model trained on all other messages, and on `more`. */
export function judgedByOthers(folds: readonly (readonly Group[])[], more: readonly Lesson[] = []): Judged[] {
  return folds.flatMap((fold) => {
    const groupOf = new Map(fold.flatMap((group) => group.items.map((item) => [item, group] as const)));
    const others = lessons().filter(({ item }) => !groupOf.has(item));
    const model = unpack(packed(learn([...others.map(({ lesson }) => lesson), ...more])));
    return lessons().flatMap((one) => {
      const group = groupOf.get(one.item);
      return group ? [judged(one, group, model)] : [];
    });
  });
}

export function judged({ item, lesson: { features, hasHistory } }: Labelled, group: Group, model: Model): Judged {
  const shares = features.empty ? onlySimple(types) : probabilities(model, features, hasHistory);
  return { item, group, isOpener: features.isOpener, shares };
}

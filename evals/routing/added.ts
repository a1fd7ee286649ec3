import { appendFileSync } from "node:fs";

import { type ConversationType, isConversationType } from "../../graphs/engines.ts";
import { readText } from "../../src/settings/text-file.ts";
import { types } from "./fit/model.ts";
import { Item, items } from "./items.ts";

/** Messages to train on, and how many lines were left out because they are in the data already. */
export interface Added {
  items: Item[];
  skipped: number;
}

/** Reads lines in the format of `router:export`. Throws an error that names file and line if one is invalid. */
export function readAdded(paths: readonly string[]): Added {
  const found = paths.flatMap((path) =>
    readText(path)
      .split("\n")
      .flatMap((line, at) => (line.trim() === "" ? [] : [parsed(line, `${path}, line ${at + 1}`)])),
  );
  const known = new Set(items.flatMap(keysOf));
  const fresh = found.filter((item) => {
    const isKnown = keysOf(item).some((key) => known.has(key));
    for (const key of keysOf(item)) known.add(key);
    return !isKnown;
  });
  return { items: fresh, skipped: found.length - fresh.length };
}

/** Appends the messages to a data file. */
export function keepAdded(added: readonly Item[], file: URL): void {
  appendFileSync(file, added.map((item) => `${JSON.stringify(item)}\n`).join(""));
}

function parsed(line: string, place: string): Item {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`${place}: not JSON`, { cause: error });
  }
  const { data, error } = Item.safeParse(value);
  if (!data) {
    const problems = error.issues.map(({ path, message }) =>
      path.length > 0 ? `${path.join(".")}: ${message}` : message,
    );
    throw new Error(`${place}: ${problems.join("; ")}`);
  }
  for (const label of [data.label, ...data.alt_labels])
    if (!isTrained(label)) throw new Error(`${place}: "${label}" is none of the trained types: ${types.join(", ")}`);
  return data;
}

function isTrained(label: string): label is ConversationType {
  return isConversationType(label) && types.includes(label);
}

/** Two messages are the same if they have the same id, or the same text after the same turns. */
function keysOf({ id, history, content }: Item): string[] {
  return [`id ${id}`, JSON.stringify([history.map((turn) => turn.content), content])];
}

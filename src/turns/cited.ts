import type { Source } from "../../graphs/files.ts";

/** The longest list of sources, and the longest text of one, in UTF-16 units. */
const maxSources = 50;
const maxUnits = 1_000;

/** A source of an answer. */
export interface Cited extends Source {
  /** It is of no interest unless the answer names it, or a later one. */
  ifNamed?: true;
}

/** Adds a source, unless it is there. Returns its number, from 1; undefined if the list is full. */
export function addSource(all: Cited[], source: Source, ifNamed = false): number | undefined {
  const known = all.findIndex((one) => isSame(one, source));
  if (known >= 0) return known + 1;
  if (all.length === maxSources) return undefined;
  all.push({ ...bounded(source), ...(ifNamed && { ifNamed }) });
  return all.length;
}

/** The sources of an answer; `[1]` in it is the first. Those at the end that are of no interest are left out. */
export function sourcesIn(answer: string, all: readonly Cited[]): { sources?: Source[] } {
  const named = [...answer.matchAll(/\[(\d{1,2})\]/g)].map(([, digits]) => Number(digits));
  const last = Math.max(
    0,
    all.findLastIndex(({ ifNamed }) => !ifNamed) + 1,
    ...named.filter((number) => number <= all.length),
  );
  const sources = all.slice(0, last).map(({ ifNamed: _ifNamed, ...source }) => source);
  return sources.length > 0 ? { sources } : {};
}

function isSame(one: Source, other: Source): boolean {
  const keys = ["title", "url", "file_id", "quote"] as const;
  const bound = bounded(other);
  return keys.every((key) => one[key] === bound[key]);
}

/** Graphs and their tools say what a source is. */
function bounded({ title, url, file_id, quote }: Source): Source {
  const text = (value: string) => value.slice(0, maxUnits).toWellFormed();
  return {
    title: text(title),
    ...(url !== undefined && { url: text(url) }),
    ...(file_id !== undefined && { file_id: text(file_id) }),
    ...(quote !== undefined && { quote: text(quote) }),
  };
}

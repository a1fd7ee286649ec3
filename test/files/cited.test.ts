import { describe, expect, it } from "vitest";

import { addSource, type Cited, sourcesIn } from "../../src/turns/cited.ts";

function listOf(...sources: [title: string, ifNamed?: boolean][]): Cited[] {
  const all: Cited[] = [];
  for (const [title, ifNamed] of sources) addSource(all, { title }, ifNamed);
  return all;
}

const titles = (answer: string, all: readonly Cited[]) => sourcesIn(answer, all).sources?.map(({ title }) => title);

describe("sources of an answer", () => {
  it("keep their numbers, and one that is there already is not added again", () => {
    const all = listOf(["a"], ["b"]);
    expect(addSource(all, { title: "a" })).toBe(1);
    expect(addSource(all, { title: "a", quote: "other words" })).toBe(3);
    expect(titles("", all)).toEqual(["a", "b", "a"]);
  });

  it("of earlier messages are told if the answer names them, or one after them", () => {
    const all = listOf(["a"], ["b", true], ["c", true]);
    expect(titles("Nothing.", all)).toEqual(["a"]);
    expect(titles("See [2].", all)).toEqual(["a", "b"]);
    expect(titles("See [3].", all)).toEqual(["a", "b", "c"]);
    expect(titles("See [4] and [2024] and [0].", all)).toEqual(["a"]);
    expect(sourcesIn("Nothing.", listOf(["b", true]))).toEqual({});
  });

  it("are fifty at most, with texts of a thousand characters, well-formed", () => {
    const all: Cited[] = [];
    for (let number = 1; number <= 50; number += 1) expect(addSource(all, { title: String(number) })).toBe(number);
    expect(addSource(all, { title: "51" })).toBeUndefined();
    const [long] = sourcesIn("", listOf([`${"x".repeat(999)}😀`])).sources ?? [];
    expect(long?.title.length).toBe(1_000);
    expect(long?.title.isWellFormed()).toBe(true);
  });
});

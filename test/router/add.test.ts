import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

import { keepAdded, readAdded } from "../../evals/routing/added.ts";
import { items } from "../../evals/routing/items.ts";

const folder = mkdtempSync(join(tmpdir(), "router-add-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const line = { id: "mine-1", source: "feedback", content: "where do the night logs go?", label: "simple" };

function file(name: string, ...lines: (object | string)[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join(""));
  return path;
}

describe("lines to add", () => {
  it("are read from several files, with what they may leave out", () => {
    const paths = [file("one.jsonl", line, ""), file("two.jsonl", { ...line, id: "mine-2", content: "and by day?" })];
    const { items: found, skipped } = readAdded(paths);
    expect(found.map(({ id }) => id)).toEqual(["mine-1", "mine-2"]);
    expect(found[0]).toEqual({ ...line, history: [], context: {}, alt_labels: [], note: "" });
    expect(skipped).toBe(0);
  });

  it("are not added twice: neither the same id nor the same message", () => {
    const [known] = items;
    const path = file(
      "twice.jsonl",
      line,
      { ...line, content: "other words, same id" },
      { ...line, id: "mine-9" },
      { ...known, id: "another-id" },
      { ...line, id: known?.id },
    );
    const { items: found, skipped } = readAdded([path]);
    expect(found.map(({ id }) => id)).toEqual(["mine-1"]);
    expect(skipped).toBe(4);
  });

  it.each<[string, object | string, RegExp]>([
    ["json", "{broken", /json\.jsonl, line 2: not JSON/],
    ["label", { ...line, label: "poetry" }, /label\.jsonl, line 2: "poetry" is none of the trained types: simple, /],
    ["alt", { ...line, alt_labels: ["prose"] }, /alt\.jsonl, line 2: "prose" is none of the trained types/],
    ["content", { ...line, content: undefined }, /content\.jsonl, line 2: content: .*expected string/],
    ["history", { ...line, history: [{ role: "user" }] }, /history\.jsonl, line 2: history\.0\.content: /],
  ])("with a wrong %s are refused, and the error names the line", (name, wrong, message) => {
    expect(() => readAdded([file(`${name}.jsonl`, { ...line, id: "first" }, wrong)])).toThrow(message);
  });

  it("are kept as lines that can be read again", () => {
    const kept = pathToFileURL(join(folder, "kept.jsonl"));
    const { items: found } = readAdded([file("again.jsonl", line)]);
    keepAdded(found, kept);
    keepAdded([], kept);
    expect(
      readFileSync(kept, "utf8")
        .trim()
        .split("\n")
        .map((one) => JSON.parse(one)),
    ).toEqual(found);
  });
});

import { describe, expect, it } from "vitest";

import { passagesOf } from "../../graphs/search/passages.ts";
import { ranked } from "../../graphs/search/rank.ts";

const texts = (query: string, ...all: string[]) =>
  ranked(
    query,
    all.map((text) => ({ text })),
  ).map(({ item }) => item.text);

describe("ranking", () => {
  it("rare words count more than frequent ones", () => {
    const found = texts("the deposit", "the a the b the", "the deposit is due", "the c", "the d");
    expect(found[0]).toBe("the deposit is due");
  });

  it.each([
    ["notices", "The notice is here."],
    ["Frist", "Die Kündigungsfrist ist lang."],
    ["delivered", "The delivery is late."],
    ["契約期間", "この契約の期間は一年です。契約期間。"],
    ["ÜBER", "Es geht über alles."],
    ["v2", "The v2 protocol."],
  ])("%s finds %s", (query, text) => {
    expect(texts(query, text, "Nothing of that kind.")).toEqual([text]);
  });

  it("short words and numbers are found only as words", () => {
    expect(texts("art", "party", "art")).toEqual(["art"]);
    expect(texts("12", "2012", "12 months")).toEqual(["12 months"]);
  });

  it.each(["", "???", "(", "\\", "[a"])("the query %j finds nothing, and does no harm", (query) => {
    expect(texts(query, "Some text.")).toEqual([]);
  });
});

describe("passages", () => {
  it("end with paragraphs or sentences, lose nothing, and know their page", () => {
    const paragraph = `${"All of this is one sentence of a paragraph. ".repeat(15).trim()}`;
    const pages = [
      { page: 1, text: [paragraph, paragraph, paragraph].join("\n\n") },
      { page: 2, text: "Short." },
    ];
    const passages = passagesOf(pages);
    expect(passages.map(({ page }) => page)).toEqual([1, 1, 1, 2]);
    for (const { text } of passages) expect(text).toMatch(/\.$/);
    expect(passages.map(({ text }) => text).join(" ")).toBe(
      pages.map(({ text }) => text.replaceAll("\n\n", " ")).join(" "),
    );
  });

  it("a text without any space is cut as well", () => {
    const passages = passagesOf([{ text: "x".repeat(5_000) }]);
    expect(passages.map(({ text }) => text).join("")).toHaveLength(5_000);
    expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(1_200);
  });
});

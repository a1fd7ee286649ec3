import { describe, expect, it } from "vitest";

import { passagesOf } from "../../graphs/search/passages.ts";
import { Search } from "../../graphs/search/rank.ts";

async function texts(query: string, ...all: string[]): Promise<string[]> {
  const search = new Search<{ text: string }>(query);
  await search.add(all.map((text) => ({ text })));
  return search.best(10).map(({ text }) => text);
}

describe("ranking", () => {
  it("rare words count more than frequent ones", async () => {
    const found = await texts("the deposit", "the a the b the", "the deposit is due", "the c", "the d");
    expect(found[0]).toBe("the deposit is due");
  });

  it.each([
    ["notices", "The notice is here."],
    ["Frist", "Die Kündigungsfrist ist lang."],
    ["delivered", "The delivery is late."],
    ["契約期間", "この契約の期間は一年です。契約期間。"],
    ["ÜBER", "Es geht über alles."],
    ["v2", "The v2 protocol."],
  ])("%s finds %s", async (query, text) => {
    expect(await texts(query, text, "Nothing of that kind.")).toEqual([text]);
  });

  it("short words and numbers are found only as words", async () => {
    expect(await texts("art", "party", "art")).toEqual(["art"]);
    expect(await texts("12", "2012", "12 months")).toEqual(["12 months"]);
  });

  it.each(["", "???", "(", "\\", "[a"])("the query %j finds nothing, and does no harm", async (query) => {
    expect(await texts(query, "Some text.")).toEqual([]);
  });
});

describe("an excerpt", () => {
  it.each([
    ["at the beginning", "The zebra runs. ", "more words follow here. ".repeat(50)],
    ["in the middle", "many words come before it. ".repeat(30), "more words follow here. ".repeat(30)],
    ["at the end", "many words come before it. ".repeat(50), ""],
  ])("shows the rarest word, %s", async (_where, before, after) => {
    const text = `${before}A zebra is striped. ${after}`.trim();
    const search = new Search<{ text: string }>("words zebra");
    await search.add([{ text }, { text: "other words" }, { text: "words" }]);
    const excerpt = search.excerpt(text, 120);
    expect(excerpt).toContain("zebra");
    expect(excerpt.length).toBeLessThanOrEqual(125);
    expect(text).toContain(excerpt.replace(/^… | …$/g, ""));
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

  it("blanks are no passages, however many", () => {
    expect(passagesOf([{ text: " ".repeat(4_000_000) }])).toEqual([]);
  });

  it("a text without any space is cut as well", () => {
    const passages = passagesOf([{ text: "x".repeat(5_000) }]);
    expect(passages.map(({ text }) => text).join("")).toHaveLength(5_000);
    expect(Math.max(...passages.map(({ text }) => text.length))).toBeLessThanOrEqual(1_200);
  });
});

import type { BrowserContext, Locator } from "playwright-core";
import { describe, expect, it } from "vitest";

import { barriers } from "./support/axe.ts";
import { looks, onEnginesStage } from "./support/engines-stage.ts";
import { injections, remains } from "./support/injections.ts";

/** The message is the answer and its sources, as JSON. */
const source = `
import { END, START } from "@langchain/langgraph";

import { turn } from "./host.ts";
import { asEngine, engine } from "./state.ts";

async function respond({ question }, runtime) {
  const { text, sources } = JSON.parse(question);
  for (const one of sources) turn(runtime).host.source(one);
  return { answer: text };
}

export const citing = engine().addNode("respond", respond).addEdge(START, "respond").addEdge("respond", END).compile(asEngine);
`;

const { connected } = onEnginesStage(source, { citing: "added.citing" }, { MESSAGE_MAX_CHARS: "20000" });

const sources = [
  { title: "The guide", url: "https://docs.example/guide(1)?a=1", quote: "It says so." },
  { title: "report.pdf, page 3", file_id: "file/1", quote: "A long quote. ".repeat(20) },
  { title: "Neither <b>link</b>", url: "javascript:window.ran=1" },
  { title: "", url: "http://plain.example/" },
];

async function cited(text: string, options?: Parameters<typeof connected>[1], all: object[] = sources) {
  const opened = await connected(undefined, options);
  await opened.say(JSON.stringify({ text, sources: all }), "citing");
  await opened.over(1);
  const list = opened.last.locator(".sources");
  await list.waitFor();
  return { ...opened, list, item: (number: number) => list.locator(`li[data-source="${number}"]`) };
}

const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);

it("the sources of an answer are numbered below it, and only safe addresses are links", async () => {
  const { page, item, list } = await cited("So it is [1].");
  expect(await list.locator("li").count()).toBe(4);
  const links = await list
    .locator("a")
    .evaluateAll((all) => all.map((link) => [link.textContent, link.getAttribute("href"), link.getAttribute("rel")]));
  expect(links).toEqual([
    ["The guide", "https://docs.example/guide(1)?a=1", "noopener noreferrer"],
    ["report.pdf, page 3", new URL("files/file%2F1", page.url()).href, "noopener noreferrer"],
    ["http://plain.example/", "http://plain.example/", "noopener noreferrer"],
  ]);
  expect(await item(1).innerText()).toMatch(/The guide\s+docs\.example\s+It says so\./);
  expect(await item(3).innerText()).toBe("Neither <b>link</b>");
  expect(await item(2).locator("blockquote").isVisible()).toBe(false);
  await item(2).locator("summary").click();
  expect(await item(2).locator("blockquote").innerText()).toHaveLength("A long quote. ".repeat(20).trim().length);
});

it("numbers in the text lead to the sources, also after a reload; those without a source, in code and in links do not", async () => {
  const text =
    "First [1], both [1, 2] and [3][4]. None: [5], [0], `a[1]`, [see [2]](https://x.example/).\n\n- listed **[2]**";
  const { page, last, item, over, connected: again } = await cited(text);
  const references = last.locator(".answer .reference");
  const shown = ["[1]", "[1]", "[2]", "[3]", "[4]", "[2]"];
  await expect.poll(() => references.allTextContents()).toEqual(shown);
  expect(await references.first().getAttribute("aria-label")).toBe("Source 1: The guide");
  expect(await last.locator(".answer a").textContent()).toBe("see [2]");
  await references.nth(2).click();
  await expect.poll(() => isFocused(item(2))).toBe(true);
  await page.reload();
  await again();
  await over(1);
  await expect.poll(() => references.allTextContents()).toEqual(shown);
  await item(1).waitFor();
  await references.first().press("Enter");
  await expect.poll(() => isFocused(item(1))).toBe(true);
});

it("many sources are folded, and a number leads to a folded one, too", async () => {
  const many = Array.from({ length: 20 }, (_, at) => ({ title: `Source ${at + 1}` }));
  const { last, list, item } = await cited("The last one [20].", {}, many);
  expect(await list.locator("li").count()).toBe(6);
  await last.locator(".reference").click();
  await expect.poll(() => item(20).count()).toBe(1);
  await expect.poll(() => isFocused(item(20))).toBe(true);
  await list.getByRole("button", { name: "Show less" }).click();
  await expect.poll(() => list.locator("li").count()).toBe(6);
});

it("a file is loaded with the key, and saved", async () => {
  const asked: [string, string | undefined][] = [];
  const prepare = async (context: BrowserContext) => {
    await context.route("**/files/*", async (route) => {
      const request = route.request();
      asked.push([new URL(request.url()).pathname, request.headers().authorization]);
      if (asked.length === 1)
        await route.fulfill({ status: 404, json: { reason: "not_found", message: "There is no such file." } });
      else await route.fulfill({ status: 200, contentType: "application/pdf", body: "%PDF" });
    });
  };
  const { page, item } = await cited("See [2].", { prepare });
  await item(2).locator("a").click();
  await expect.poll(() => item(2).locator('[role="status"]').textContent()).toBe("There is no such file.");
  const saving = page.waitForEvent("download");
  await item(2).locator("a").click();
  expect((await saving).suggestedFilename()).toMatch(/^report\.pdf/);
  await expect.poll(() => item(2).locator('[role="status"]').textContent()).toBe("");
  expect(asked).toEqual([
    ["/files/file%2F1", "Bearer key-a"],
    ["/files/file%2F1", "Bearer key-a"],
  ]);
});

it("nothing in a source runs, and none leads to anything but a page", async () => {
  const hostile = injections.map((text) => ({ title: text, url: text.replace(/^\W+/, ""), quote: text }));
  const addresses = [
    "javascript:window.ran=1",
    "data:text/html,x",
    "//evil.test",
    "https://",
    "file:///etc",
    "blob:https://x/1",
  ];
  const { page, list } = await cited("See [1].", {}, [
    ...hostile.slice(0, 40),
    ...addresses.map((url) => ({ title: url, url })),
  ]);
  await list.getByRole("button", { name: "Show all 46" }).click();
  await expect.poll(() => list.locator("li").count()).toBe(46);
  for (const summary of await list.locator("summary").all()) await summary.click();
  expect(await page.evaluate(remains)).toEqual([]);
  expect(await list.locator("a").count()).toBe(0);
});

it("a copied answer has its sources, as Markdown", async () => {
  const { page, button } = await cited("So it is [1].", { permissions: ["clipboard-read", "clipboard-write"] });
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  const list = [
    "1. [The guide](https://docs.example/guide%281%29?a=1): “It says so.”",
    `2. report.pdf, page 3: “${"A long quote. ".repeat(20).trim()}”`,
    "3. Neither \\<b\\>link\\</b\\>",
    "4. [http://plain.example/](http://plain.example/)",
  ];
  await button("Copy answer").click();
  await expect.poll(copied).toBe(`So it is [1].\n\n**Sources**\n\n${list.join("\n")}\n`);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await page.keyboard.press("ControlOrMeta+K");
  await page.getByRole("combobox", { name: "Find a command" }).fill("copy the conversation");
  await page.keyboard.press("Enter");
  await expect.poll(copied).toContain(list[0]);
});

describe.each(looks)("sources, %s", (_, options) => {
  it("are without barriers and within the page", async () => {
    const long = { title: `A title ${"without end ".repeat(20)}`, url: `https://${"x".repeat(60)}.example/` };
    const { page, item } = await cited("So it is [1], [2].", options, [...sources, long]);
    await item(2).locator("summary").click();
    expect(await barriers(page)).toEqual([]);
    const excess = () => page.locator("#log").evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(await excess()).toBe(0);
  });
});

import { expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

/** A finished turn with this answer. */
async function answered(text: string) {
  const opened = await connected();
  stage.server.model.next(text);
  await opened.say("Go on", "simple");
  await opened.over(1);
  return opened;
}

it("tables keep the alignment of their columns, and scroll when they are wide", async () => {
  const wide = "a very long heading that does not break ".repeat(4);
  const { page, answer } = await answered(
    `| left | middle | right |\n|:--|:-:|--:|\n| 1 | 2 | 3 |\n\n| ${wide} | ${wide} |\n|--|--|\n| a | b |`,
  );
  const sides = await answer
    .locator(".table")
    .first()
    .locator("td")
    .evaluateAll((cells) => cells.map((cell) => getComputedStyle(cell).textAlign));
  expect(sides).toEqual(["left", "center", "right"]);
  const table = answer.locator(".table").last();
  expect(await table.evaluate((node) => node.scrollWidth > node.clientWidth)).toBe(true);
  await table.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => table.evaluate((node) => node.scrollLeft)).toBeGreaterThan(0);
});

it("task lists say what is done", async () => {
  const { answer } = await answered("- [x] Write it\n- [ ] Test it\n- Neither");
  const tasks = answer.getByRole("img");
  await expect
    .poll(() => tasks.evaluateAll((all) => all.map((task) => task.getAttribute("aria-label"))))
    .toEqual(["done", "to do"]);
  await expect.poll(() => answer.locator("li").allTextContents()).toEqual(["Write it", "Test it", "Neither"]);
});

it("character references are characters, but not in code", async () => {
  const { answer } = await answered("A &lt;b&gt; &copy; &#8364; &nosuch; **&amp;** `&lt;`");
  await expect.poll(() => answer.textContent()).toBe("A <b> © € &nosuch; & &lt;");
});

it("long code is folded after a reload, not while it is written", async () => {
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index}`).join("\n");
  const { page, answer, over } = await answered(`\`\`\`text\n${lines}\n\`\`\``);
  expect(await answer.locator("pre.folded").count()).toBe(0);
  await page.reload();
  await over(1);
  const height = () => answer.locator("pre").evaluate((pre) => pre.clientHeight);
  const folded = await height();
  await answer.getByRole("button", { name: "Show all 60 lines" }).click();
  await expect.poll(height).toBeGreaterThan(folded * 2);
  await answer.getByRole("button", { name: "Show less" }).click();
  await expect.poll(height).toBe(folded);
});

it("a long question is folded, and read in full on demand", async () => {
  const { last, page, over } = await connected();
  const question = "word ".repeat(500).trim();
  await page.fill("#message", question);
  await page.press("#message", "Enter");
  await over(1);
  expect((await last.locator(".question p").textContent())?.length).toBeLessThan(1_300);
  await last.getByRole("button", { name: "Show all 2,499 characters" }).click();
  await expect.poll(() => last.locator(".question p").textContent()).toBe(question);
});

it("the end stays in view while an answer is written, unless the user scrolls up; a button leads back", async () => {
  const { page, say, over } = await connected();
  const tokens = gate();
  const paragraphs = Array.from({ length: 30 }, (_, index) => `Paragraph ${index}.\n\n`);
  stage.server.model.next({ chunks: [paragraphs.join(""), paragraphs.join(""), "The end."], gate: tokens });
  await say("Go on", "simple");
  const log = page.locator("#log");
  const distance = () => log.evaluate((pane) => Math.round(pane.scrollHeight - pane.scrollTop - pane.clientHeight));
  tokens.release();
  await page.getByText("Paragraph 29.").first().waitFor();
  await expect.poll(distance).toBeLessThan(2);
  expect(await page.locator("#latest").count()).toBe(0);
  await log.hover();
  await page.mouse.wheel(0, -400);
  await page.locator("#latest").waitFor();
  const top = await log.evaluate((pane) => pane.scrollTop);
  tokens.open();
  await over(1);
  expect(await log.evaluate((pane) => pane.scrollTop)).toBe(top);
  await page.getByRole("button", { name: "Jump to the latest" }).click();
  await expect.poll(distance).toBeLessThan(2);
  expect(await page.locator("#latest").count()).toBe(0);
});

it("a screen reader is told the whole answer once", async () => {
  const { page } = await answered("The **whole** answer.");
  await expect.poll(() => page.locator("#announcements").textContent()).toBe("The **whole** answer.");
  expect(await page.locator("#announcements").getAttribute("aria-live")).toBe("polite");
});

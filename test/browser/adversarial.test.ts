import { expect, it } from "vitest";

import { adversarialTexts } from "../reliability/adversarial-texts.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

/** In UTF-16 units. */
const answerUnits = 262_144;
const pieceUnits = 4_096;

/** The parser gets 300 ms, rendering 100 ms; then the browser has to lay it out. */
const mostMs = 2_000;

const names = ["emphasis", "backticks", "quotes", "tables", "fences", "blank lines", "an open fence", "numbers"];

it.each(names)("an answer full of %s does not freeze the page", async (name) => {
  const { page, say, over, answer, last } = await connected();
  const text = adversarialTexts[name]?.slice(0, answerUnits) ?? "";
  const chunks = Array.from({ length: Math.ceil(text.length / pieceUnits) }, (_, index) =>
    text.slice(index * pieceUnits, (index + 1) * pieceUnits),
  );
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: "longtask",
    });
  });
  stage.server.model.next({ chunks });
  await say("Go on", "simple");
  await over(1);
  expect(await last.getAttribute("aria-busy")).toBe("false");
  expect((await answer.textContent())?.trim()).not.toBe("");
  const tasks = await page.evaluate(() => Object(globalThis).tasks as number[]);
  expect(Math.max(0, ...tasks)).toBeLessThan(mostMs);
});

it("a long answer that comes at once is rendered, a part after the other", async () => {
  const { say, over, answer } = await connected();
  const text = "Some words.\n\n```text\none\n```\n\n".repeat(1_000);
  stage.server.model.next({ chunks: [text] });
  await say("Go on", "simple");
  await over(1);
  await expect.poll(() => answer.locator("pre").count()).toBe(1_000);
  expect(await answer.locator(".plain").count()).toBe(0);
});

it("a link whose definition comes last is a link at the end, also in what was rendered before", async () => {
  const { say, over, answer } = await connected();
  stage.server.model.next({
    chunks: ["See [this].\n\n", "One.\n\nTwo.\n\nThree.\n\n", "[this]: https://example.org/\n"],
  });
  await say("Go on", "simple");
  await over(1);
  await expect.poll(() => answer.locator("a").getAttribute("href")).toBe("https://example.org/");
});

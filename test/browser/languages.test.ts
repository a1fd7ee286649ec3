import type { Locator } from "playwright-core";
import { describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

/** A key during a composition, as browsers report it. Safari ends the composition before the key that ended it. */
const composed = {
  Chromium: { isComposing: true, keyCode: 229 },
  Firefox: { isComposing: true, keyCode: 13 },
  Safari: { isComposing: false, keyCode: 229 },
};

describe.for(Object.entries(composed))("while %s composes a character", ([_browser, state]) => {
  const press = (field: Locator, key: string) =>
    field.evaluate(
      (target, init) => void target.dispatchEvent(new KeyboardEvent("keydown", init as KeyboardEventInit)),
      { key, bubbles: true, cancelable: true, ...state },
    );

  it("Enter ends the composition, and the next one sends", async () => {
    const { page, over, questions } = await connected();
    const field = page.locator("#message");
    await field.fill("こんにちは");
    await press(field, "Enter");
    expect(await field.inputValue()).toBe("こんにちは");
    expect(await questions()).toEqual([]);
    await field.press("Enter");
    await over(1);
    await expect.poll(questions).toEqual(["こんにちは"]);
  });

  it("neither Enter nor Escape ends the editor of a question", async () => {
    const { page, say, over, button } = await connected();
    await say("你好", "simple");
    await over(1);
    await button("Edit the question").click();
    const editor = page.getByRole("textbox", { name: "Your question" });
    await editor.fill("你好吗");
    for (const key of ["Enter", "Escape"]) await press(editor, key);
    expect(await editor.inputValue()).toBe("你好吗");
  });

  it("Escape does not stop the answer, and arrow up edits no question", async () => {
    const { page, say, answer, over, last } = await connected();
    const tokens = gate();
    stage.server.model.next({ chunks: ["one", " two"], gate: tokens });
    await say("안녕하세요", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("one");
    for (const key of ["Escape", "ArrowUp"]) await press(page.locator("#message"), key);
    tokens.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("one two");
    expect(await last.locator(".facts summary").textContent()).not.toMatch(/^stopped/);
    expect(await page.locator(".question-editor").count()).toBe(0);
  });
});

describe("the writing direction", () => {
  const direction = (of: Locator) => of.evaluate((element) => getComputedStyle(element).direction);
  const directions = (of: Locator) =>
    of.evaluateAll((elements) => elements.map((element) => getComputedStyle(element).direction));

  it("follows the text of each paragraph; code and formulas run from left to right", async () => {
    const { page, say, over, answer, last } = await connected();
    stage.server.model.next(
      [
        "`GenServer` هو سلوك للعمليات.",
        "```elixir\ndef add(cart, sku), do: :ok\n```",
        "In English: it works.",
        "- أولا\n- ثانيا",
        "> اقتباس",
        "המשוואה היא \\(a + b\\).",
      ].join("\n\n"),
    );
    await page.locator("#message").fill("ما هو GenServer؟");
    expect(await direction(page.locator("#message"))).toBe("rtl");
    await say("ما هو GenServer؟", "simple");
    await over(1);
    await expect.poll(() => direction(page.locator("#message"))).toBe("ltr"); // it is empty again
    expect(await direction(last.locator(".question"))).toBe("rtl");
    expect(await directions(answer.locator(".block > *"))).toEqual(["rtl", "ltr", "ltr", "rtl", "rtl", "rtl"]);
    expect(await directions(answer.locator("code, .formula"))).toEqual(["ltr", "ltr", "ltr"]);
    expect(await direction(page.locator("#conversations .title").first())).toBe("rtl");
    await last.getByRole("button", { name: "Edit the question" }).click();
    await expect.poll(() => direction(page.getByRole("textbox", { name: "Your question" }))).toBe("rtl");
  });

  it("is found while the answer is written, and is the same after a reload", async () => {
    const { page, say, over, answer } = await connected();
    const tokens = gate();
    stage.server.model.next({ chunks: ["שלום", " עולם\n\nHello"], gate: tokens });
    await say("Hello?", "simple");
    tokens.release();
    const first = answer.locator("p").first();
    await expect.poll(() => answer.textContent()).toBe("שלום");
    expect(await direction(first)).toBe("rtl");
    tokens.open();
    await over(1);
    await page.reload();
    await over(1);
    await expect.poll(() => directions(answer.locator("p"))).toEqual(["rtl", "ltr"]);
  });

  it("of lines in one question is that of each line", async () => {
    const { page, over, last } = await connected();
    await page.locator("#message").fill("english first\nثم العربية");
    await page.locator("#message").press("Enter");
    await over(1);
    const sides = await last.locator(".question").evaluate((question) => {
      const text = question.firstChild as Text;
      const range = document.createRange();
      const middle = text.data.indexOf("\n");
      return [
        [0, middle],
        [middle + 1, text.length],
      ].map(([from, to]) => {
        range.setStart(text, from ?? 0);
        range.setEnd(text, to ?? 0);
        const { left, right } = range.getBoundingClientRect();
        const box = question.getBoundingClientRect();
        return Math.round(left - box.left) <= Math.round(box.right - right) ? "left" : "right";
      });
    });
    expect(sides).toEqual(["left", "right"]);
  });
});

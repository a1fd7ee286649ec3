import { expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

it("Ctrl+Enter sends like Enter, and Escape stops the answer", async () => {
  const { page, answer, over, last } = await connected();
  const tokens = gate();
  stage.server.model.next({ chunks: ["Only this", " and never that"], gate: tokens });
  await page.selectOption("#engine", "simple");
  await page.fill("#message", "Hello");
  await page.press("#message", "Control+Enter");
  tokens.release();
  await expect.poll(() => answer.textContent()).toBe("Only this");
  await page.keyboard.press("Escape");
  await over(1);
  await expect.poll(() => last.locator(".facts summary").textContent()).toMatch(/^stopped/);
});

it("arrow up in an empty field edits the last question; Escape goes back", async () => {
  const { page, say, over } = await connected();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  await say("Hello", "simple");
  await over(1);
  await page.fill("#message", "something");
  await page.press("#message", "ArrowUp");
  expect(await page.locator(".question-editor").count()).toBe(0);
  await page.fill("#message", "");
  await page.press("#message", "ArrowUp");
  await expect.poll(focused).toBe("Your question");
  await page.keyboard.press("Escape");
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("message");
});

it("a question mark outside of fields shows the shortcuts; in a field it is a character", async () => {
  const { page } = await connected();
  const help = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await page.locator("#message").press("?");
  expect(await help.count()).toBe(0);
  expect(await page.inputValue("#message")).toBe("?");
  await page.locator("#help-open").focus();
  await page.keyboard.press("?");
  await help.waitFor();
  await page.keyboard.press("?");
  await page.keyboard.press("Escape");
  await expect.poll(() => help.count()).toBe(0);
  expect(await page.inputValue("#message")).toBe("?");
});

it("Tab reaches every button under a turn", async () => {
  const { page, say, over, last } = await connected();
  await say("Hello", "simple");
  await over(1);
  await last.locator(".why").focus();
  const reached: (string | null | undefined)[] = [];
  for (let press = 0; press < 4; press += 1) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.tagName),
    );
  }
  expect(reached).toEqual(["SUMMARY", "Copy answer", "Regenerate", "Rate the answer"]);
});

it("does not animate with reduced motion", async () => {
  const { page, say, last } = await connected(undefined, { reducedMotion: "reduce" });
  const tokens = gate();
  stage.server.model.next({ json: { steps: ["One"] }, gate: tokens });
  await say("Generate", "generation");
  await last.locator(".step.running").waitFor();
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
  tokens.open();
});

import { expect, it } from "vitest";

import { faults, gate } from "../support/model-server.ts";
import { barriers } from "./support/axe.ts";
import { onStage } from "./support/stage.ts";

const { connected, beside, stage } = onStage({
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_MESSAGES: "0",
  FALLBACK_MODELS: "second-model",
});

it("the model's thoughts are folded above the answer, stream while they are open, and are kept in the history", async () => {
  const device = await connected();
  const { page, say, answer, last, over } = device;
  const thoughts = last.locator(".reasoning details");
  const summary = thoughts.locator("summary");
  const shown = thoughts.locator("p");
  const tokens = gate();
  stage.server.model.next({ reasoning: ["Let me <b>think</b>.", "\nSo:"], text: "Forty-two.", gate: tokens });
  await say("Why?", "simple");
  tokens.release();
  await expect.poll(() => summary.textContent()).toBe("Thinking…");
  expect(await shown.isVisible()).toBe(false);
  await summary.press("Enter");
  await expect.poll(() => shown.innerText()).toBe("Let me <b>think</b>.");
  tokens.release();
  await expect.poll(() => shown.innerText()).toBe("Let me <b>think</b>.\nSo:");
  expect(await barriers(page)).toEqual([]);
  const other = await beside(device);
  await other.last.locator(".reasoning summary", { hasText: "Thinking…" }).waitFor();
  tokens.open();
  await over(1);
  await expect.poll(() => summary.textContent()).toMatch(/^Thought for [\d.]+ m?s$/);
  expect(await answer.textContent()).toBe("Forty-two.");
  expect(await last.locator(".reasoning ~ .answer").count()).toBe(1);

  await other.over(1);
  await expect.poll(() => other.last.locator(".reasoning summary").textContent()).toBe("Thoughts");
  await page.reload();
  await over(1);
  expect([await summary.textContent(), await shown.isVisible()]).toEqual(["Thoughts", false]);
  await summary.click();
  await expect.poll(() => shown.innerText()).toBe("Let me <b>think</b>.\nSo:");
});

it("a turn without thoughts shows none, and neither does a fallback model that has none", async () => {
  const { say, last, over } = await connected();
  await say("Hello", "simple");
  await over(1);
  await expect.poll(() => last.locator(".reasoning summary").count()).toBe(0);
  stage.server.model.next({ reasoning: ["first"], ...faults.contentFilter, chunkDelayMs: 30 }, "From the second");
  await say("Again", "simple");
  await over(2);
  await expect.poll(() => last.locator(".answer").textContent()).toBe("From the second");
  expect(await last.locator(".reasoning summary").count()).toBe(0);
});

it("the workbench shows the thoughts of a turn", async () => {
  const { page, say, over } = await connected(undefined, { viewport: { width: 1400, height: 900 } });
  await page.click("#workbench-toggle");
  await page.getByRole("tab", { name: "Turn" }).click();
  stage.server.model.next({ reasoning: ["Let me think."], text: "Forty-two." });
  await say("Why?", "simple");
  await over(1);
  await page.locator(".record summary", { hasText: "Reasoning" }).click();
  await page.locator(".record .answer-text", { hasText: "Let me think." }).waitFor();
});

import type { Page } from "playwright-core";
import { expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage({ RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0" });

const turns = 2_000;
const answer = "Some **words**, and `code`.\n\n- one\n- two\n\n```elixir\ndefmodule A do\nend\n```\n";

/** The mean time that scripts took in a frame while `act` ran, in ms. */
async function scriptPerFrame(page: Page, act: () => Promise<void>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const scripts = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
  };
  await page.evaluate(() => {
    const note = () => {
      frames.count += 1;
      requestAnimationFrame(note);
    };
    const frames = Object.assign(window, { count: 0 });
    requestAnimationFrame(note);
  });
  const before = await scripts();
  await act();
  const seconds = (await scripts()) - before;
  return (seconds * 1_000) / (await page.evaluate(() => Object(window).count as number));
}

/** Runs in the page: goes to a conversation as the back button does, and resolves to the milliseconds until its newest page is shown. */
async function opened(address: string): Promise<number> {
  const begunAt = performance.now();
  history.pushState(null, "", address);
  dispatchEvent(new PopStateEvent("popstate"));
  while (document.querySelectorAll('.turn[aria-busy="false"]').length < 50) await new Promise(requestAnimationFrame);
  return performance.now() - begunAt;
}

/** Runs in the page. */
async function loadWhole(): Promise<void> {
  for (;;) {
    const before = document.querySelectorAll(".turn").length;
    const button = document.querySelector<HTMLElement>("#earlier");
    if (!button) return;
    button.click();
    while (document.querySelectorAll(".turn").length === before) await new Promise(requestAnimationFrame);
  }
}

it("a conversation of 2,000 turns opens at once, and 200 tokens a second cost little", {
  timeout: 120_000,
  retry: 2,
}, async () => {
  const id = `long-${Date.now()}`;
  await using client = await stage.server.connect({ apiKey: "key-a", socketOptions: { heartbeatIntervalMs: 200 } });
  const conversation = await client.join(id);
  stage.server.model.answer(() => answer);
  for (let turn = 1; turn <= turns; turn += 1) await conversation.ask(`${turn}?`, { options: { engine: "simple" } });
  const { page, say, over } = await connected();
  stage.server.model.answer(() => answer);
  const openedMs = await page.evaluate(opened, `?conversation=${id}`);
  expect(openedMs).toBeLessThan(500);
  await page.evaluate(loadWhole);
  await expect.poll(() => page.locator(".turn").count()).toBe(turns);
  const chunks = Array.from({ length: 800 }, (_, at) => (at % 20 === 19 ? "word.\n\n" : "word "));
  stage.server.model.next({ chunks, chunkDelayMs: 5 });
  const ms = await scriptPerFrame(page, async () => {
    await say("Stream", "simple");
    await over(turns + 1);
  });
  expect(ms).toBeLessThan(4);
});

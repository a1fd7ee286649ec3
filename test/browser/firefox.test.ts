import type { BrowserContext } from "playwright-core";
import { describe, expect, onTestFinished } from "vitest";

import { gate } from "../support/model-server.ts";
import { onBench } from "./support/bench.ts";
import { device } from "./support/browser.ts";
import { cartAnswer, cartPlan } from "./support/cart.ts";
import { isInstalled, it, launch, title } from "./support/firefox.ts";

/** The test fails if the page logs an error. Violations of its policy are errors of the page in Firefox. */
async function prepare(context: BrowserContext): Promise<void> {
  const errors: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  onTestFinished(() => expect(errors).toEqual([]));
}

describe.skipIf(!isInstalled)(title, () => {
  const { closed, bench, stage, onDisk } = onBench(undefined, it);

  it("shows an answer as it streams, highlights its code, and keeps what there is when it is stopped", async () => {
    const { page, say, answer, last, over } = await closed({ prepare });
    const tokens = gate();
    stage.server.model.next({
      chunks: ["The **first**\n\n```elixir\ndefmodule Cart do\nend\n```\n\n", "second", " and never this"],
      gate: tokens,
    });
    await say("Hello", "simple");
    tokens.release();
    await expect.poll(() => answer.locator("strong").textContent()).toBe("first");
    tokens.release();
    await answer.locator(".hljs-keyword", { hasText: "defmodule" }).waitFor();
    await expect.poll(() => answer.locator("p").last().textContent()).toBe("second");
    await page.click("#stop");
    await over(1);
    await expect.poll(() => answer.locator("p").last().textContent()).toBe("second");
    expect(await last.locator(".facts summary").textContent()).toMatch(/^stopped/);
  });

  it("continues an answer after a reload", async () => {
    const { page, say, answer, over, connected } = await closed({ prepare });
    const tokens = gate();
    stage.server.model.next({ chunks: ["one ", "two ", "three"], gate: tokens });
    await say("Count", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("one ");
    await page.reload();
    await connected();
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("one two ");
    tokens.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("one two three");
  });

  it("edits a prompt, which the next answer uses", async () => {
    const { page, prompt, source, text, verdict, press, say, over } = await bench("Prompts", { prepare });
    const before = onDisk("simple");
    await prompt("simple").click();
    await expect.poll(text).toBe(before);
    await source.press("ControlOrMeta+A");
    await page.keyboard.type("x");
    await expect.poll(text).toBe("x");
    await page.keyboard.press("ControlOrMeta+Z");
    await expect.poll(text).toBe(before);
    await source.press("ControlOrMeta+A");
    await page.keyboard.press("ControlOrMeta+C");
    await page.keyboard.type("x");
    await source.press("ControlOrMeta+A");
    await page.keyboard.press("ControlOrMeta+V");
    await expect.poll(text).toBe(before);
    await source.press("ControlOrMeta+End");
    await page.keyboard.press("Enter");
    await page.keyboard.type("Why? Answer like a (pirate).");
    await expect.poll(() => verdict.textContent()).toMatch(/^Valid: [0-9a-f]{12}$/);
    await press("Save");
    await expect.poll(() => onDisk("simple")).toMatch(/\nWhy\? Answer like a \(pirate\)\.$/);
    await say("Hello", "simple");
    await over(1);
    expect(JSON.stringify(stage.server.model.requests.at(-1))).toContain("pirate");
  });

  it("draws the graph of a turn", async () => {
    const { say, over, panel, node, drawing } = await bench("Graph", { prepare });
    stage.server.model.next({ json: cartPlan });
    await say("Generate a cart", "generation");
    await over(1);
    await node("plan", "done").waitFor();
    await drawing.locator('.node[data-state="done"]', { hasText: "write" }).click();
    await expect.poll(() => panel.locator('[aria-pressed="true"] .name').textContent()).toBe("write");
  });

  it("fits a phone", async () => {
    const viewport = { width: 360, height: 740 };
    const { page, say, over, panel, prompt, source } = await closed({ prepare, viewport });
    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    stage.server.model.answer(({ structured }) => (structured ? { json: cartPlan } : cartAnswer));
    await say("Generate a GenServer that manages a shopping cart", "generation");
    await over(1);
    expect(await overflow()).toBe(0);
    await page.click("#workbench-toggle");
    await panel.getByRole("tab", { name: "Prompts" }).click();
    await prompt("summary").click();
    await source.waitFor();
    expect(await overflow()).toBe(0);
  });

  it("needs no trusted types, which older ones do not have", { timeout: 60_000 }, async () => {
    const browser = await launch({ "dom.security.trusted_types.enabled": false });
    onTestFinished(() => browser.close());
    const opened = await device(browser, `${stage.server.http}/#api_key=key-a`, { prepare });
    const { page, connected, say, answer, over, alarms } = opened;
    await connected();
    expect(await page.evaluate(() => "trustedTypes" in window)).toBe(false);
    stage.server.model.next("Caf&eacute;:\n\n```elixir\ndefmodule Cart do\nend\n```\n");
    await say("Hello", "simple");
    await over(1);
    await answer.locator(".hljs-keyword", { hasText: "defmodule" }).waitFor();
    await expect.poll(() => answer.locator("p").textContent()).toBe("Café:");
    await page.click("#workbench-toggle");
    await page.getByRole("tab", { name: "Graph" }).click();
    await page.frameLocator("iframe.drawing").locator("#drawing .node", { hasText: "router" }).waitFor();
    expect(alarms).toEqual([]);
  });
});

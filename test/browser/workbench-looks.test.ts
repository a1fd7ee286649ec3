import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { barriers } from "./support/axe.ts";
import { type Bench, onBench } from "./support/bench.ts";
import type { DeviceOptions } from "./support/browser.ts";
import { cartPlan } from "./support/cart.ts";

/** `SCREENSHOTS=docs` updates the pictures in the documentation. `WORKBENCH_SCREENSHOTS=folder` saves all of them. */
const { SCREENSHOTS: documentation, WORKBENCH_SCREENSHOTS: folder } = process.env;
const documented = new Map([
  ["light-engine", "workbench"],
  ["dark-replay", "workbench-dark"],
  ["phone-turn", "workbench-phone"],
]);
const { bench, stage, onDisk, write } = onBench();
/** Short enough to fit the window: axe does not check colours in scrolled content. */
const answer = "One process per customer. Items live in a map:\n\n```elixir\n%{sku => 2}\n```\n";
const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };
const looks: [string, DeviceOptions][] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["phone", { colorScheme: "light", ...phone }],
  ["phone-dark", { colorScheme: "dark", ...phone }],
];

it.each(looks)("fits its window and has no accessibility barriers: %s", async (name, options) => {
  const opened = await bench("Graph", options);
  const { page, panel, say, over, node, drawing, tab, prompt, source, fill, verdict, press } = opened;
  const look = (what: string) => passes(opened, `${name}-${what}`);
  stage.server.model.answer(({ structured }) => (structured ? { json: cartPlan } : answer));
  await press("Close");
  await say("Generate a GenServer that manages a shopping cart", "generation");
  await over(1);
  await page.click("#workbench-toggle");
  await node("write", "done").locator("button").click();
  await drawing.locator(".node", { hasText: "repair" }).waitFor();
  await look("engine");
  await page.selectOption("#graph-chooser", "conversation");
  await drawing.locator(".node", { hasText: "router" }).waitFor();
  await look("conversation");

  await tab("Prompts");
  await look("prompts");
  const before = onDisk("generation.answer");
  await prompt("generation.answer").click();
  await fill(`${before}\nUse {{no_such_thing}}.\n`);
  await expect.poll(() => verdict.textContent()).toContain("no_such_thing");
  await look("broken");
  await fill(`${before}\nMine.\n`);
  write("generation.answer", `${before}\nTheirs.\n`);
  await panel.locator(".conflict").waitFor();
  await look("conflict");
  write("generation.answer", before);
  await panel.locator(".conflict").waitFor({ state: "hidden" });
  await press("Versions");
  await panel.locator(".versions tbody button").first().click();
  await panel.locator(".versions .line-diff").waitFor();
  await look("versions");
  await press("Run over past turns");
  stage.server.model.answer(({ structured }) => (structured ? { json: cartPlan } : answer.replace("process", "actor")));
  await press("Run draft");
  await panel.locator(".prompt-run tfoot").waitFor();
  await panel.locator(".prompt-run tbody button").first().click();
  await panel.locator(".prompt-run ins").first().waitFor();
  await panel.locator(".prompt-run tfoot").scrollIntoViewIfNeeded(); // axe gives up on rows that the window cuts
  await look("run");
  await press("Text");
  await source.waitFor();

  await press("Use as draft for replay");
  await panel.locator(".replay-form").waitFor();
  await look("turn");
  stage.server.model.answer(({ structured }) => (structured ? { json: cartPlan } : answer.replace("process", "actor")));
  await press("Run replay");
  await panel.locator(".comparison").scrollIntoViewIfNeeded();
  await look("replay");
});

async function passes({ page }: Bench, name: string): Promise<void> {
  const inDocs = documented.get(name);
  if (documentation && inDocs) await page.screenshot({ path: join(documentation, `${inDocs}.png`) });
  if (folder) {
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
  expect(await barriers(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
}

import { describe, expect, it } from "vitest";

import { barriers } from "./support/axe.ts";
import type { DeviceOptions } from "./support/browser.ts";
import { cartAnswer, cartPlan } from "./support/cart.ts";
import { onStage } from "./support/stage.ts";
import { workbenchOf } from "./support/workbench.ts";

const { connected, open, stage } = onStage();
const prepare = workbenchOf({
  phx_join: () => ({ can_edit: false, models: [], graphs: [], prompts: [], graph_fault: null }),
  get_conversations: () => ({ conversations: [] }),
});
const looks: [string, DeviceOptions][] = [
  ["light", { colorScheme: "light" }],
  ["dark", { colorScheme: "dark" }],
  ["narrow", { colorScheme: "light", viewport: { width: 360, height: 740 } }],
  ["narrow and dark", { colorScheme: "dark", viewport: { width: 360, height: 740 } }],
];

describe.each(looks)("axe finds no barriers, %s", (_, options) => {
  it("without a key", async () => {
    const { page } = await open(`${stage.server.http}/`, options);
    await page.locator("#key-form").waitFor();
    expect(await barriers(page)).toEqual([]);
  });

  it("on the empty page, with and without open dialogs and panels", async () => {
    const { page } = await connected(undefined, { ...options, prepare });
    expect(await barriers(page)).toEqual([]);
    await page.click("#preferences-toggle");
    expect(await barriers(page)).toEqual([]);
    await page.click("#context-toggle");
    expect(await barriers(page)).toEqual([]);
    await page.click("#help-open");
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    if (await page.locator("#sidebar").isHidden()) await page.click("#sidebar-toggle");
    expect(await barriers(page)).toEqual([]);
  });

  it("on a page with turns, details, an editor and a feedback form", async () => {
    const { page, say, over, openDetails, answer, button } = await connected(undefined, { ...options, prepare });
    stage.server.model.answer(({ structured }) => (structured ? { json: cartPlan } : cartAnswer));
    await say("Generate a cart", "generation");
    await over(1);
    await answer.locator(".hljs-keyword").first().waitFor();
    expect(await barriers(page)).toEqual([]);
    await openDetails();
    await button("Rate the answer").click();
    await button("Edit the question").click();
    await page.locator(".rating").waitFor();
    expect(await barriers(page)).toEqual([]);
    stage.server.model.answer(() => ({ refusal: "No." }));
    await say("Again", "simple");
    await over(2);
    expect(await barriers(page)).toEqual([]);
  });
});

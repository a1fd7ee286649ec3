import type { Browser } from "playwright-core";
import { afterAll, expect } from "vitest";

import { start } from "../support/start.ts";
import { closeAll, type Device, device, it } from "./support/browser.ts";
import { injections, remains } from "./support/injections.ts";

let browser: Browser;
let server: Awaited<ReturnType<typeof start>>;
let opened: Device;
it.beforeAll(async ({ browser: shared }) => {
  browser = shared;
  server = await start({ RATE_LIMIT_MESSAGES: "0" });
  opened = await device(browser, `${server.http}/#api_key=key-a`);
  await opened.connected();
});
afterAll(async () => {
  await closeAll(browser);
  await server?.close();
});

it.each(injections)("does not run in an answer, a message, a context or a step: %s", async (injection) => {
  const { page, say, over, last, answer, openDetails, alarms } = opened;
  server.model.answer(({ structured }) =>
    structured ? { json: { steps: [injection] } } : `before\n\n${injection}\n\nafter`,
  );
  const turns = await page.locator(".turn").count();
  if (!(await page.locator("#context").isVisible())) await page.click("#context-toggle");
  await page.fill("#context-text", JSON.stringify({ [injection]: injection }));
  await page.click("#context-save");
  await say(injection, "generation");
  await over(turns + 1);
  await openDetails();
  await expect.poll(() => last.locator(".question").textContent()).toBe(injection.trim());
  expect(await last.locator(".finding li").textContent()).toBe(injection);
  expect(await answer.textContent()).toContain("before");
  for (const link of await answer.locator("a:not([href])").all()) await link.click();
  expect(await page.evaluate(remains)).toEqual([]);
  expect(alarms.splice(0)).toEqual([]);
});

it("leaves nothing that runs after a reload either", async () => {
  const { page, over, alarms } = opened;
  await page.reload();
  await over(Math.min(injections.length, 50));
  expect(await page.evaluate(remains)).toEqual([]);
  expect(alarms.splice(0)).toEqual([]);
});

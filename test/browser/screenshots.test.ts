import { mkdirSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, expect } from "vitest";

import { start } from "../support/start.ts";
import { closeAll, type Device, device, it } from "./support/browser.ts";
import { cartAnswer, cartPlan } from "./support/cart.ts";

/** `SCREENSHOTS=docs` updates the picture in the documentation. */
const folder = process.env.SCREENSHOTS ?? mkdtempSync(join(tmpdir(), "playground-"));
/** The maximum size of a picture in the repository. */
const maxBytes = 200_000;

let browser: Browser;
let server: Awaited<ReturnType<typeof start>>;
it.beforeAll(async ({ browser: shared }) => {
  browser = shared;
  server = await start({ MODEL: "gpt-4o-mini" });
  mkdirSync(folder, { recursive: true });
  server.model.answer(({ structured }) => (structured ? { json: cartPlan } : cartAnswer));
});
afterAll(async () => {
  await closeAll(browser);
  await server?.close();
});

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };
const looks: [string, BrowserContextOptions][] = [
  ["playground", { colorScheme: "light", viewport: { width: 1000, height: 1100 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1000, height: 1100 } }],
  ["phone", { colorScheme: "light", ...phone }],
  ["phone-dark", { colorScheme: "dark", ...phone }],
];

it.each(looks)("fits its window: %s", async (name, options) => {
  const opened = await device(browser, `${server.http}/#api_key=key-a`, options);
  const { page, connected, say, over, openDetails } = opened;
  await connected();
  await take(opened, `${name}-welcome`);
  await say("Generate a GenServer that manages a shopping cart");
  await over(1);
  await page.locator(".why").first().click();
  await page.locator("#log").evaluate((log) => log.scrollTo(0, 0));
  await page.locator("#message").blur();
  await take(opened, name);
  await openDetails();
  await page.locator("#log").evaluate((log) => log.scrollTo(0, log.scrollHeight));
  await page.click("#context-toggle");
  await take(opened, `${name}-details`);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow).toBe(0);
  expect(opened.alarms).toEqual([]);
  await opened.context.close();
});

/** Only one picture is for the documentation. The others are for working on the page. */
async function take({ page }: Device, name: string): Promise<void> {
  if (process.env.SCREENSHOTS && name !== "playground") return;
  const path = join(folder, `${name}.png`);
  await page.screenshot({ path });
  if (name === "playground") expect(statSync(path).size).toBeLessThan(maxBytes);
}

import type { BrowserContext, Response } from "playwright-core";
import { expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected } = onStage({ WORKBENCH: "1", RATE_LIMIT_CONNECTIONS: "0" });

/** The limits for the workbench's own scripts, uncompressed: while it is closed, and with all tabs open. */
const maxBytes = { closed: 11_000, open: 42_000 };

/** The drawing library, which is not counted. */
const drawingLibrary = "/assets/graph/mermaid.js";
const sizeOf = async (response: Response) => (await response.body()).length;

it("the workbench stays within its limit, and loads the drawing library only with the graph", async () => {
  const sizes = new Map<string, Promise<number>>();
  const prepare = async (context: BrowserContext) => {
    context.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname === drawingLibrary) sizes.set(drawingLibrary, Promise.resolve(0));
      else if (/^\/assets\/(?:workbench|graph)\/.*\.js$/.test(pathname)) sizes.set(pathname, sizeOf(response));
    });
  };
  const weight = async () => (await Promise.all(sizes.values())).reduce((sum, bytes) => sum + bytes, 0);
  const { page } = await connected(undefined, { prepare });
  await page.locator("#workbench-toggle").waitFor();
  expect(await weight()).toBeLessThanOrEqual(maxBytes.closed);
  expect([...sizes.keys()]).not.toContain(drawingLibrary);
  await page.click("#workbench-toggle");
  for (const tab of ["Prompts", "Turn"]) await page.getByRole("tab", { name: tab }).click();
  await page.frameLocator("iframe.drawing").locator("main").waitFor({ state: "attached" });
  await page.locator("#workbench-turn p").first().waitFor({ state: "attached" });
  expect(await weight()).toBeLessThanOrEqual(maxBytes.open);
});

import type { BrowserContext, Response } from "playwright-core";
import { expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected } = onStage({ WORKBENCH: "1", RATE_LIMIT_CONNECTIONS: "0" });

/** The limits for the workbench's own scripts, and for the editor's library, uncompressed. */
const maxBytes = { own: 60_000, editor: 400_000 };

const drawingLibrary = "/assets/graph/mermaid.js";
const editorLibrary = /^\/assets\/scripts\/editor-/;
const sizeOf = async (response: Response) => (await response.body()).length;

it("loads nothing of the workbench while it is closed, the drawing library with the graph, and the editor with the first prompt", async () => {
  const sizes = new Map<string, Promise<number>>();
  const prepare = async (context: BrowserContext) => {
    context.on("response", (response) => sizes.set(new URL(response.url()).pathname, sizeOf(response)));
  };
  const weight = async (isWanted: (path: string) => boolean) => {
    const wanted = [...sizes].filter(([path]) => isWanted(path)).map(([, size]) => size);
    return (await Promise.all(wanted)).reduce((sum, bytes) => sum + bytes, 0);
  };
  const own = () => weight((path) => /^\/assets\/(?:scripts\/workbench-(?!link)|graph\/.*\.ts$)/.test(path));
  const editor = () => weight((path) => editorLibrary.test(path));
  const { page } = await connected(undefined, { prepare });
  await page.locator("#workbench-toggle").waitFor();
  expect(await own()).toBe(0);
  expect([...sizes.keys()]).not.toContain(drawingLibrary);
  await page.click("#workbench-toggle");
  await page.frameLocator("iframe.drawing").locator("svg").waitFor();
  expect([...sizes.keys()]).toContain(drawingLibrary);
  for (const tab of ["Turn", "Prompts"]) await page.getByRole("tab", { name: tab }).click();
  expect(await editor()).toBe(0);
  await page.locator('[data-prompt="simple"]').click();
  await page.locator(".cm-content").waitFor();
  expect(await own()).toBeLessThanOrEqual(maxBytes.own);
  expect(await editor()).toBeLessThanOrEqual(maxBytes.editor);
});

import { randomUUID } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

import type { Device, DeviceOptions } from "./browser.ts";
import { onStage } from "./stage.ts";

/** Like `onStage`, with a copy of the prompts and an open workbench on each device. */
export function onBench(
  settings: Record<string, string> = { PLAYGROUND_EDIT: "1", WORKBENCH_KEYS: "key-a" },
  inBrowser?: Parameters<typeof onStage>[1],
) {
  const folder = join(tmpdir(), `prompts-${randomUUID()}`);
  beforeAll(() => cpSync("prompts", folder, { recursive: true }));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => join(folder, `${name}.md`);
  const limits = { RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_MESSAGES: "0" };
  const { connected, stage } = onStage({ ...limits, PROMPTS_DIR: folder, ...settings }, inBrowser);

  return {
    stage,
    onDisk: (name: string) => readFileSync(file(name), "utf8"),
    write: (name: string, source: string) => writeFileSync(file(name), source),
    /** A device whose workbench was not opened yet. */
    async closed(options?: DeviceOptions) {
      const opened = await connected(undefined, { viewport: { width: 1400, height: 900 }, ...options });
      return { ...opened, ...gestures(opened) };
    },
    async bench(tab: "Graph" | "Prompts" | "Turn", options?: DeviceOptions) {
      const opened = await connected(undefined, { viewport: { width: 1400, height: 900 }, ...options });
      await opened.page.click("#workbench-toggle");
      await opened.page.getByRole("tab", { name: tab }).click();
      return { ...opened, ...gestures(opened) };
    },
  };
}

export type Bench = Awaited<ReturnType<ReturnType<typeof onBench>["bench"]>>;

/** Actions in the workbench. */
function gestures({ page }: Device) {
  const panel = page.locator("#workbench");
  return {
    panel,
    press: (name: string) => panel.getByRole("button", { name, exact: true }).click(),
    tab: (name: string) => panel.getByRole("tab", { name }).click(),
    node: (name: string, state: string) => panel.locator(`[data-node="${name}"][data-state="${state}"]`),
    drawing: page.frameLocator("iframe.drawing").locator("#drawing"),
    source: panel.locator(".cm-content"),
    /** The whole text in the editor: prompts are short enough to be rendered whole. */
    text: async () => (await panel.locator(".cm-line").allTextContents()).join("\n"),
    /** Replaces the text in the editor. */
    async fill(text: string) {
      await panel.locator(".cm-content").press("ControlOrMeta+A");
      await page.keyboard.insertText(text);
    },
    verdict: panel.locator(".verdict"),
    prompt: (name: string) => panel.locator(`[data-prompt="${name}"]`),
  };
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

import { toolEngines } from "../workbench/tool-engines.ts";
import { barriers } from "./support/axe.ts";
import type { DeviceOptions } from "./support/browser.ts";
import { looks, onEnginesStage } from "./support/engines-stage.ts";

const folder = mkdtempSync(join(tmpdir(), "mcp-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MCP_SERVERS = join(folder, "mcp.json");
const odd = { command: process.execPath, args: [new URL("../mcp/odd-server.ts", import.meta.url).pathname] };
writeFileSync(MCP_SERVERS, JSON.stringify({ mcpServers: { odd, gone: { command: "/no/such/program" } } }));

const settings = { WORKBENCH: "1", MCP_SERVERS };
const { connected, stage } = onEnginesStage(toolEngines.source, toolEngines.graphs, settings);

const wide = { viewport: { width: 1400, height: 900 } };
const narrow = { viewport: { width: 360, height: 740 }, hasTouch: true };

/** A device with an open workbench. */
async function bench(tab: "Graph" | "Turn", options: DeviceOptions = wide) {
  stage.model.reset();
  const opened = await connected(undefined, options);
  const panel = opened.page.locator("#workbench");
  const open = () => opened.page.click("#workbench-toggle");
  const openTab = async (name: "Graph" | "Turn") => await panel.getByRole("tab", { name }).click();
  await open();
  await openTab(tab);
  return {
    ...opened,
    panel,
    open,
    openTab,
    close: () => panel.getByRole("button", { name: "Close", exact: true }).click(),
    row: (kind: string, name: string, state: string) =>
      panel.locator(`[data-kind="${kind}"][data-node="${name}"][data-state="${state}"]`),
    view: panel.locator('[aria-label="Input and output"]'),
    drawing: opened.page.frameLocator("iframe.drawing").locator("#drawing"),
  };
}

const calling = (name: string, args: object) => ({ toolCalls: [{ name, args, id: "c1" }] });

describe.each([
  ["desktop", wide],
  ["phone", narrow],
])("the graph of an agent, on a %s", (_device, options) => {
  it("is drawn and lit, with its tool calls and the wait for a person on the time axis", async () => {
    const { say, over, close, open, page, row, view, drawing, panel } = await bench("Graph", options);
    const isPhone = options === narrow;
    stage.model.next(calling("ask", { question: "Which city?" }), calling("weather", { city: "Rome" }), "Sunny.");
    if (isPhone) await close();
    await say("Weather?", "agent");
    if (isPhone) await open();
    await row("node", "tools", "waiting").waitFor();
    expect(await page.locator("#graph-chooser").inputValue()).toBe("agent");
    await drawing.locator('.node[data-state="waiting"]', { hasText: "tools" }).waitFor();
    await row("tool", "ask", "waiting").waitFor();
    await row("wait", "waits", "waiting").locator("button").click();
    await expect.poll(() => view.textContent()).toContain("Which city?");
    if (isPhone) await close();
    const card = page.locator(".request");
    await card.getByLabel("Your answer").fill("Rome");
    await card
      .getByRole("button", { name: /answer|send/i })
      .first()
      .click();
    await over(1);
    if (isPhone) await open();
    await row("tool", "weather", "done").locator("button").click();
    await expect.poll(() => view.textContent()).toContain("Sunny in Rome");
    expect(await row("tool", "weather", "done").textContent()).toMatch(/weather.*done, [\d.]+ m?s/);
    await row("wait", "waits", "done").locator("button").click();
    await expect.poll(() => view.textContent()).toContain('Answered"Rome"');
    await drawing.locator('.node[data-state="done"]', { hasText: "model_request" }).waitFor();
    await drawing.locator(".node", { hasText: "tools" }).click();
    await expect.poll(() => panel.locator('[aria-pressed="true"] .name').textContent()).toBe("tools");
    await expect.poll(() => view.textContent()).toContain("Sunny in Rome");
  });
});

describe("the workbench of a turn with tools", () => {
  it("shows failed calls, and the tool calls of a turn that nobody watched", async () => {
    const { page, panel, row, view, over, open } = await bench("Graph");
    const id = await page.evaluate(() => new URLSearchParams(location.search).get("conversation"));
    const url = page.url();
    await page.goto("about:blank");
    stage.model.next(calling("broken", {}), "It is broken.");
    await using client = await stage.server.connect();
    await (await client.join(id ?? "")).ask("Try", { options: { engine: "agent" } });
    await page.goto(url);
    await over(1);
    await open();
    await expect.poll(() => panel.textContent()).toContain("its path is unknown");
    await row("tool", "broken", "failed").locator("button").click();
    await expect.poll(() => view.textContent()).toContain("The tool failed.");
  });

  it("lists the MCP servers of the settings, with their tools", async () => {
    const { panel } = await bench("Graph");
    await panel.locator("summary", { hasText: "MCP servers (2)" }).click();
    const servers = panel.locator(".mcp > li");
    await expect
      .poll(async () => {
        await panel.getByRole("button", { name: "Ask again" }).click();
        return await servers.first().getAttribute("data-state");
      })
      .toBe("connected");
    expect(await servers.first().textContent()).toContain("doubleDoubles.");
    expect(await servers.last().textContent()).toContain("gone does not answer, 0 tools");
  });

  it("draws subgraphs, and lights the nodes in them", async () => {
    const { say, over, drawing, page, panel } = await bench("Graph");
    stage.model.next(calling("hand_off", {}), "I am the expert.");
    await say("Help", "team");
    await over(1);
    await expect.poll(() => page.locator("#graph-chooser").inputValue()).toBe("team");
    await expect.poll(() => drawing.locator('.node[data-state="done"]', { hasText: "model_request" }).count()).toBe(2);
    await panel.locator('[data-kind="node"]', { hasText: "expert › model_request" }).first().waitFor();
  });

  it("replays it with the results of the turn, says where they are from, or runs the tools", async () => {
    const { say, over, panel } = await bench("Turn");
    stage.model.next(calling("weather", { city: "Oslo" }), "Sunny.");
    await say("Weather?", "agent");
    await over(1);
    await panel.locator("summary", { hasText: "Tool calls (1)" }).waitFor();
    const run = async (city: string) => {
      stage.model.next(calling("weather", { city }), "Sunny, again.");
      await panel.getByRole("button", { name: "Run replay" }).click();
      return panel.locator("article.replay").first();
    };
    const recorded = await run("Rome");
    await expect.poll(() => recorded.textContent()).toContain("Not as in the turn: 1 tool call.");
    await recorded.locator("summary", { hasText: "Tool calls and questions (1)" }).click();
    await expect.poll(() => recorded.textContent()).toContain("weather has the result of a call with another input");
    await panel.locator('[name="tools"]').selectOption("live");
    const live = await run("Cairo");
    await expect.poll(() => live.textContent()).toContain("with live tools");
    await expect.poll(() => live.textContent()).toContain("weather ran again");
    expect(stage.model.requests.at(-1)?.messages.at(-1)).toMatchObject({ content: "Sunny in Cairo" });
  });

  it.each(looks.slice(1, 3))("has no barriers: %s", async (_look, options) => {
    const { say, over, page, close, open, openTab, panel } = await bench("Graph", options);
    const isPhone = (options.viewport?.width ?? 1_000) < 500;
    stage.model.next(calling("weather", { city: "Oslo" }), "Sunny.");
    if (isPhone) await close();
    await say("Weather?", "agent");
    await over(1);
    if (isPhone) await open();
    await panel.locator('[data-kind="tool"][data-state="done"] button').click();
    expect(await barriers(page)).toEqual([]);
    await openTab("Turn");
    await panel.locator("summary", { hasText: "Tool calls (1)" }).click();
    expect(await barriers(page)).toEqual([]);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

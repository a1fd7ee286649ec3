import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";

import { barriers } from "./support/axe.ts";
import { looks, onEnginesStage } from "./support/engines-stage.ts";
import { injections, remains } from "./support/injections.ts";

const source = `
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { END, MessagesAnnotation, START, StateGraph } from "@langchain/langgraph";
import { AIMessage } from "@langchain/core/messages";
import { createAgent, tool } from "langchain";
import { z } from "zod";

import { model } from "./model.ts";
import { stock } from "./stock.ts";

const weather = tool(({ city }) => JSON.stringify({ city, sky: "<b>sunny</b>", hours: Array.from({ length: 24 }, (_, hour) => ({ hour, degrees: hour })) }), {
  name: "weather", description: "The weather of a city.", schema: z.object({ city: z.string() }),
});
const broken = tool(() => { throw new Error("secret"); }, { name: "broken", description: "Never works.", schema: z.object({}) });
const echo = tool(({ text }) => text.join("\\n"), { name: "echo", description: "Says it again.", schema: z.object({ text: z.array(z.string()) }) });
const slow = tool(async function* ({ until }) {
  yield "One line\\n";
  while (!existsSync(until)) await sleep(5);
  yield "Another line\\n";
  return "All of it";
}, { name: "slow", description: "Streams.", schema: z.object({ until: z.string() }) });
export const agent = stock(createAgent({ model: model(), tools: [weather, broken, echo, slow] }));

export const writer = stock(new StateGraph(MessagesAnnotation)
  .addNode("write", async (_state, config) => {
    for (let at = 1; at <= 120; at += 1) config.writer({ page: at, of: "<i>120</i>" });
    return { messages: [new AIMessage("Written.")] };
  })
  .addEdge(START, "write")
  .addEdge("write", END)
  .compile());
`;

const { connected, beside, stage } = onEnginesStage(source, { agent: "added.agent", writer: "added.writer" });

/** The model calls these tools at once, then answers. */
function calls(...all: [name: string, args: object][]): void {
  stage.model.reset();
  stage.model.next({ text: "Let me look.", toolCalls: all.map(([name, args]) => ({ name, args })) }, "It is sunny.");
}

it("a tool call is a folded line with its state; its input and output are readable, and long ones folded", async () => {
  const { page, say, over, last, answer } = await connected();
  calls(["weather", { city: "Oslo" }], ["broken", {}]);
  await say("Weather?", "agent");
  await over(1);
  expect(await answer.innerText()).toMatch(/Let me look\.\s+It is sunny\./);
  const rows = last.locator(".activity .tool");
  const row = rows.filter({ hasText: "weather" });
  const words = (at: number) => rows.nth(at).locator("summary").textContent();
  expect((await words(0))?.replace(/\s+/g, " ").trim()).toBe("weather, finished: city: Oslo");
  expect((await words(1))?.replace(/\s+/g, " ").trim()).toBe("broken, failed: The tool failed.");
  expect(await row.locator("pre").first().isVisible()).toBe(false);
  await row.locator("summary").press("Enter");
  const [input, output] = [row.locator(".data").first(), row.locator(".data").last()];
  expect(await input.locator("pre").innerText()).toBe('{\n  "city": "Oslo"\n}');
  await output.locator(".hljs-attr").first().waitFor();
  expect(await output.locator("pre").innerText()).toContain('"sky": "<b>sunny</b>"');
  expect((await output.locator("pre").innerText()).split("\n").length).toBeLessThan(20);
  await output.getByRole("button", { name: /Show all [\d,]+ characters/ }).click();
  await expect.poll(async () => (await output.locator("pre").innerText()).split("\n").length).toBeGreaterThan(90);
  await expect.poll(() => page.locator("#log").getAttribute("class")).not.toContain("follows");
  await last.locator(".facts summary").click();
  expect(await last.locator(".facts dl").textContent()).not.toContain("Oslo");
});

it("calls are the same after a reload, and many are folded to the last ones", async () => {
  const { page, say, over, last, connected: again } = await connected();
  calls(...Array.from({ length: 15 }, (_, at): [string, object] => ["weather", { city: `City ${at}` }]));
  await say("Weather?", "agent");
  await over(1);
  const lines = () => last.locator(".activity .line").allTextContents();
  await expect.poll(lines).toEqual(Array.from({ length: 8 }, (_, at) => `city: City ${at + 7}`));
  await page.reload();
  await again();
  await over(1);
  await expect.poll(lines).toHaveLength(8);
  await last.getByRole("button", { name: "Show 7 earlier steps" }).click();
  await expect.poll(lines).toEqual(Array.from({ length: 15 }, (_, at) => `city: City ${at}`));
});

it("what a tool streams is shown while it runs, on every device", async () => {
  const folder = mkdtempSync(join(tmpdir(), "slow-tool-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const until = join(folder, "go");
  const one = await connected();
  calls(["slow", { until }]);
  await one.say("Slowly", "agent");
  const running = one.last.locator(".tool.running");
  await running.waitFor();
  expect(await one.last.locator(".working").textContent()).toBe("Using slow");
  await running.locator("summary").click();
  await expect.poll(() => running.locator("pre").last().innerText()).toContain("One line");
  expect(await running.locator(".code-head").last().textContent()).toContain("Output so far");
  const other = await beside(one);
  await other.last.locator(".tool.running summary").click();
  await expect.poll(() => other.last.locator(".tool pre").last().innerText()).toContain("One line");
  writeFileSync(until, "");
  for (const { over, last } of [one, other]) {
    await over(1);
    await last.locator(".tool.finished").waitFor();
    await expect.poll(() => last.locator(".tool pre").last().innerText()).toBe("All of it");
  }
});

it("what a graph writes for pages is one folded line with the newest of it", async () => {
  const { say, over, last } = await connected();
  await say("Write", "writer");
  await over(1);
  const row = last.locator(".tool.custom");
  await expect.poll(() => row.locator(".name").textContent()).toBe("100 events");
  expect(await row.locator(".line").textContent()).toBe("page: 120, of: <i>120</i>");
  await row.locator("summary").click();
  expect(await row.locator("pre").innerText()).toContain('"page": 21');
});

it("nothing that a tool or a graph writes runs", async () => {
  const { page, say, over, last } = await connected();
  calls(["echo", { text: injections }]);
  await say("Echo", "agent");
  await over(1);
  await last.locator(".tool summary").click();
  for (const fold of await last.locator(".tool .fold").all()) await fold.click();
  await expect.poll(() => last.locator(".tool pre").last().innerText()).toContain("constructor");
  expect(await page.evaluate(remains)).toEqual([]);
});

it("a page without tools loads nothing for them", async () => {
  const loaded: string[] = [];
  const { page, say, over } = await connected();
  page.on("request", (request) => loaded.push(request.url()));
  stage.model.reset();
  await say("Hello", "simple");
  await over(1);
  expect(loaded.filter((url) => /activity|requests|sources-list/.test(url))).toEqual([]);
});

describe.each(looks)("tool calls, %s", (_, options) => {
  it("are without barriers and within the page", async () => {
    const { page, say, over, last } = await connected(undefined, options);
    calls(["weather", { city: "x".repeat(300) }], ["broken", {}]);
    await say("Weather?", "agent");
    await over(1);
    await last.locator(".activity").waitFor();
    expect(await barriers(page)).toEqual([]);
    for (const summary of await last.locator(".activity summary").all()) await summary.click();
    await last.locator(".activity .hljs-attr").first().waitFor();
    expect(await barriers(page)).toEqual([]);
    const excess = () => page.locator("#log").evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(await excess()).toBe(0);
  });
});

import { describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onBench } from "./support/bench.ts";
import { cartPlan } from "./support/cart.ts";

const { bench, closed, stage } = onBench();

describe("the graph", () => {
  it("highlights the running node, then shows the path that was taken", async () => {
    const { say, over, page, node, drawing } = await bench("Graph");
    const [planning, writing] = [gate(), gate()];
    stage.server.model.next({ json: cartPlan, gate: planning });
    stage.server.model.next({ chunks: ["Here:\n\n```elixir\n:ok\n```\n"], gate: writing });
    await say("Generate a cart", "generation");
    await node("plan", "running").waitFor();
    await expect.poll(() => page.locator("#graph-chooser").inputValue()).toBe("generation");
    await drawing.locator('.node[data-state="running"]', { hasText: "plan" }).waitFor();
    planning.open();
    await node("plan", "done").waitFor();
    await node("write", "running").waitFor();
    writing.open();
    await over(1);
    await node("write", "done").waitFor();
    await expect.poll(() => node("repair", "idle").count()).toBe(1);
    await drawing.locator('.node[data-state="done"]', { hasText: "end" }).waitFor();
    await expect
      .poll(() => drawing.locator('path[data-id="L_write___end___0"]').getAttribute("data-state"))
      .toBe("taken");
    await page.selectOption("#graph-chooser", "conversation");
    await node("router", "done").waitFor();
    await node("generation", "done").waitFor();
    await expect.poll(() => node("simple", "idle").count()).toBe(1);
    await drawing.locator('path[data-id^="L_router_generation"][data-state="taken"]').waitFor({ state: "attached" });
    await expect
      .poll(() => drawing.locator('path[data-id^="L_router_simple"]').getAttribute("data-state"))
      .toBe("idle");
  });

  it("shows a node's input and output when it is selected in the list or in the drawing", async () => {
    const { say, over, panel, page, node, drawing } = await bench("Graph");
    stage.server.model.next({ json: cartPlan });
    await say("Generate a cart", "generation");
    await over(1);
    await node("plan", "done").locator("button").focus();
    const view = panel.locator('[aria-label="Input and output"]');
    await expect.poll(() => view.textContent()).toContain("Generate a cart");
    expect(await view.textContent()).toContain(cartPlan.steps[0]);
    expect(await node("plan", "done").textContent()).toMatch(/done, \d+ ms|done, .* s/);
    await drawing.locator(".node", { hasText: "write" }).click();
    await expect.poll(() => panel.locator('[aria-pressed="true"] .name').textContent()).toBe("write");
    await page.selectOption("#graph-chooser", "conversation");
    await node("router", "done").locator("button").click();
    await expect.poll(() => view.textContent()).toContain("generation");
  });

  it("counts the concurrent runs of a node", async () => {
    const { say, over, node } = await bench("Graph");
    stage.server.model.answer(({ structured }) => (structured ? { json: { questions: ["One?", "Two?"] } } : "So."));
    await say("Compare", "complex");
    await over(1);
    await expect.poll(() => node("think", "done").textContent()).toContain("× 2");
  });

  it("shows a failed node, also after a reload", async () => {
    const { say, over, node, page } = await bench("Graph");
    stage.server.model.answer(() => ({ refusal: "No." }));
    await say("Hello", "simple");
    await over(1);
    await node("simple", "failed").waitFor();
    await page.reload();
    await over(1);
    await page.click("#workbench-toggle");
    await node("simple", "failed").waitFor();
  });

  it("shows what ran before the workbench was opened first", async () => {
    const { say, over, node, page } = await closed();
    const writing = gate();
    stage.server.model.next({ json: cartPlan }, { chunks: ["Here:\n\n```elixir\n:ok\n```\n"], gate: writing });
    await say("Generate a cart", "generation");
    await writing.held();
    await page.click("#workbench-toggle");
    await node("plan", "done").waitFor();
    await node("write", "running").waitFor();
    writing.open();
    await over(1);
    await node("write", "done").waitFor();
  });

  it("says that the path of a turn is unknown if nobody watched it", async () => {
    const { page, over, panel } = await bench("Graph");
    const url = page.url();
    const id = await page.evaluate(() => new URLSearchParams(location.search).get("conversation"));
    await page.goto("about:blank");
    await using client = await stage.server.connect();
    await (await client.join(id ?? "")).ask("Hello", { options: { engine: "simple" } });
    await page.goto(url);
    await over(1);
    await page.click("#workbench-toggle");
    await expect.poll(() => panel.textContent()).toContain("its path is unknown");
  });

  it("puts nodes and model calls on one time axis, with the first word of the answer", async () => {
    const { say, over, node, panel } = await bench("Graph");
    const [planning, writing] = [gate(), gate()];
    stage.server.model.next({ json: cartPlan, gate: planning });
    stage.server.model.next({ chunks: ["Here:\n\n```elixir\n:ok\n```\n"], gate: writing });
    await say("Generate a cart", "generation");
    await node("plan", "running").locator(".of-call").waitFor({ state: "attached" });
    const width = (name: string) =>
      node(name, "running")
        .locator(".of-node")
        .evaluate((bar) => bar.getBoundingClientRect().width);
    const before = await width("plan");
    await expect.poll(() => width("plan")).not.toBe(before);
    planning.open();
    await node("write", "running").waitFor();
    writing.open();
    await over(1);
    await panel.locator(".legend", { hasText: /first word after [\d.]+ m?s/ }).waitFor();
    const edges = async (name: string) =>
      await node(name, "done")
        .locator(".of-node")
        .evaluate((bar) => {
          const { left, right } = bar.getBoundingClientRect();
          return { left, right };
        });
    const [router, plan, write] = [await edges("router"), await edges("plan"), await edges("write")];
    expect(router.right).toBeLessThanOrEqual(plan.left + 1);
    expect(plan.right).toBeLessThanOrEqual(write.left + 1);
    expect(await node("plan", "done").textContent()).toMatch(/done, .*1 model call/);
    expect(await panel.locator(".scale span").count()).toBeGreaterThanOrEqual(2);
    expect(await node("repair", "idle").locator(".bar-of").count()).toBe(0);
  });

  it("is drawn in the look of the page", async () => {
    const { page, drawing } = await bench("Graph", { colorScheme: "light" });
    const node = drawing.locator(".node .label-container").first();
    const fill = () => node.evaluate((shape) => getComputedStyle(shape).fill);
    await node.waitFor();
    const before = await fill();
    await page.click("#theme-toggle");
    await expect.poll(fill).not.toBe(before);
  });

  it("draws in a frame that cannot reach the page", async () => {
    const { page, drawing } = await bench("Graph");
    await drawing.locator("svg").waitFor();
    const frame = page.frames().find((one) => one.parentFrame() !== null);
    const reach = () => frame?.evaluate(() => parent.document.title);
    await expect(reach()).rejects.toThrow(/cross-origin/);
  });

  it("has tabs that work with the keyboard", async () => {
    const { page } = await bench("Graph");
    const opened = () => page.getByRole("tab", { selected: true }).textContent();
    for (const [key, tab] of [
      ["ArrowRight", "Prompts"],
      ["End", "Turn"],
      ["ArrowRight", "Graph"],
      ["ArrowLeft", "Turn"],
      ["Home", "Graph"],
    ] as const) {
      await page.keyboard.press(key);
      await expect.poll(opened).toBe(tab);
    }
  });
});

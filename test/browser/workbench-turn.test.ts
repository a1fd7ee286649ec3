import { describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onBench } from "./support/bench.ts";

const { bench, stage } = onBench();

describe("a turn", () => {
  it("can be replayed with a draft and compared with its original", async () => {
    const { say, over, panel, press, source, verdict, answer, page } = await bench("Turn");
    stage.server.model.next("The cat sat on the mat.");
    await say("Who sat?", "simple");
    await over(1);
    await panel.getByRole("button", { name: "Edit simple" }).click();
    await source.press("ControlOrMeta+End");
    await page.keyboard.type("Prefer dogs.");
    await expect.poll(() => verdict.textContent()).toContain("Valid");
    const tokens = gate();
    stage.server.model.next({ chunks: ["The dog ", "sat on the mat."], gate: tokens });
    await press("Run replay");
    tokens.release();
    await expect.poll(() => panel.locator(".replay .answer-text").textContent()).toBe("The dog ");
    tokens.open();
    await panel.locator(".comparison").waitFor();
    expect(JSON.stringify(stage.server.model.requests.at(-1))).toContain("Prefer dogs.");
    expect(await panel.locator(".comparison del").allTextContents()).toEqual(["cat"]);
    expect(await panel.locator(".comparison ins").allTextContents()).toEqual(["dog"]);
    expect(await panel.locator(".comparison tr", { hasText: "Route" }).textContent()).toContain("simple");
    expect(await panel.locator(".comparison tr", { hasText: "Tokens in" }).textContent()).toMatch(/\d+\d+[+−±]\d+/);
    expect(await answer.textContent()).toBe("The cat sat on the mat.");
  });

  it("a replay comes into view, and shows of a long answer what is near a change", async () => {
    const { say, over, panel, press } = await bench("Turn");
    const numbers = Array.from({ length: 20 }, (_, at) => `Line ${at}.`);
    stage.server.model.next(numbers.join("\n"));
    await say("Count", "simple");
    await over(1);
    await panel.locator('.replay-form [name="temperature"]').fill("0.3");
    stage.server.model.next(numbers.with(10, "Line ten.").join("\n"));
    await press("Run replay");
    const diff = panel.locator(".comparison .diff");
    await diff.waitFor();
    await expect.poll(() => panel.locator(".replay .toolbar").textContent()).toContain("with temperature 0.3");
    expect(await diff.locator(".gap").allTextContents()).toEqual(["⋯ 8 lines unchanged\n", "⋯ 7 lines unchanged"]);
    expect(await diff.textContent()).toContain("Line 9.\nLine 10ten.\nLine 11.\n");
    const isInView = ([article]: Element[]) => (article?.getBoundingClientRect().top ?? 0) < innerHeight / 2;
    await expect.poll(() => panel.locator("article.replay").evaluateAll(isInView)).toBe(true);
  });

  it("shows what the router saw and who decided: the client, the classifier or the model", async () => {
    const { say, over, panel } = await bench("Turn");
    const router = panel.locator(".router");
    const read = () => router.locator(".read").textContent();
    await say("First", "simple");
    await over(1);
    await expect.poll(() => router.locator(".decision").textContent()).toBe("The client chose simple.");
    expect(await router.locator(".probabilities li").count()).toBe(6);
    stage.server.model.next({
      json: { type: "analysis", confidence: 0.7, reason: "It compares.", standalone_question: "" },
    });
    await say("Which one would you take?");
    await over(2);
    await expect.poll(() => router.locator(".decision").textContent()).toBe("The model chose analysis, 70 % sure.");
    const words = await router.textContent();
    for (const part of ["It compares.", "not sure enough to decide alone", '"type": "analysis"'])
      expect(words).toContain(part);
    await router.locator("summary", { hasText: "What the router read" }).click();
    await expect.poll(read).toContain("Which one would you take?");
    expect(await read()).toContain("First");
  });

  it("shows its inputs, and can be copied as a dataset line", async () => {
    const { say, over, panel, press, page, tab } = await bench("Turn");
    await say("First", "simple");
    await over(1);
    await say("Second", "simple");
    await over(2);
    await expect.poll(() => panel.locator(".record h3").textContent()).toBe("Second");
    await panel.locator("summary", { hasText: "Memory" }).click();
    await expect.poll(() => panel.locator(".record").textContent()).toContain('"content": "First"');
    await panel.locator("summary", { hasText: "Prompts (" }).click();
    await panel.locator(".record details details summary", { hasText: "simple" }).click();
    await press("Edit this prompt");
    await expect.poll(() => panel.locator(".prompt-editor h3").textContent()).toBe("simple");
    await tab("Turn");
    await page.locator(".turn").first().getByRole("button", { name: "Inspect in the workbench" }).click();
    await expect.poll(() => panel.locator(".record h3").textContent()).toBe("First");
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
    await press("Copy as dataset line");
    await expect.poll(() => panel.locator(".record .choices [role=status]").textContent()).toBe("Copied.");
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("First");
  });

  it("can be replayed with other settings from a node on, and the graph shows its path", async () => {
    const { say, over, panel, press, tab, node } = await bench("Turn");
    stage.server.model.next({ json: { steps: ["Write it"] } });
    stage.server.model.next("Here:\n\n```js\n1\n```\n");
    await say("Write", "generation");
    await over(1);
    await panel.locator('[name="temperature"]').fill("0.9");
    await panel.locator('[name="from"]').selectOption("write");
    const writing = gate();
    stage.server.model.next({ chunks: ["Now:\n\n```js\n2\n```\n"], gate: writing });
    await press("Run replay");
    await tab("Graph");
    await node("write", "running").waitFor();
    writing.open();
    await node("write", "done").waitFor();
    await tab("Turn");
    await panel.locator(".comparison").waitFor();
    expect(stage.server.model.requests.at(-1)).toMatchObject({ body: { temperature: 0.9 } });
  });

  it("can stop a replay, and shows why a replay failed", async () => {
    const { say, over, panel, press } = await bench("Turn");
    await say("Hello", "simple");
    await over(1);
    stage.server.model.next({ chunks: ["Never"], gate: gate() });
    await press("Run replay");
    await press("Stop replay");
    await expect.poll(() => panel.locator(".replay").first().getAttribute("data-state")).toBe("stopped");
    stage.server.model.next({ refusal: "No." });
    await press("Run replay");
    await expect.poll(() => panel.locator(".replay").first().getAttribute("data-state")).toBe("failed");
  });
});

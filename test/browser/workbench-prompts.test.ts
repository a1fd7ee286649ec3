import { describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onBench } from "./support/bench.ts";

const { bench, stage, onDisk, write } = onBench();
const reader = onBench({ WORKBENCH: "1", PLAYGROUND_EDIT: "0" });

describe("the editor of a prompt", () => {
  it("marks every problem where it is, and goes there", async () => {
    const { prompt, fill, panel, source, page } = await bench("Prompts");
    await prompt("generation.answer").click();
    await fill("---\ndescription: x\ntemperature: 3\n---\nBy {{plna}} and {{plan}}.");
    const marks = panel.locator(".cm-lintRange-error");
    await expect.poll(() => marks.allTextContents()).toEqual(["temperature: 3", "{{plna}}"]);
    const listed = panel.locator(".verdict li button");
    await expect
      .poll(() => listed.allTextContents())
      .toEqual([
        expect.stringMatching(/^line 3:1 temperature: expected a number from 0 to 2/),
        expect.stringMatching(/^line 5:4 unknown variable \{\{plna\}\} \(did you mean \{\{plan\}\}\?\)/),
      ]);
    await listed.last().click();
    await expect
      .poll(() => source.evaluate((field) => (field.getRootNode() as ShadowRoot).activeElement === field))
      .toBe(true);
    await page.keyboard.press("Delete");
    await expect.poll(() => panel.locator(".cm-line").nth(4).textContent()).toBe("By {plna}} and {{plan}}.");
  });

  it("takes every key: a question mark opens no help", async () => {
    const { prompt, source, page, text } = await bench("Prompts");
    await prompt("generation.plan").click();
    await source.press("ControlOrMeta+End");
    await page.keyboard.type('Why? "So" (it\'s {one}).');
    await expect.poll(text).toMatch(/Why\? "So" \(it's \{one\}\)\.$/);
    expect(await page.locator("#help").count()).toBe(0);
  });

  it("replaces a selection with what is typed, as one step of undo", async () => {
    const { prompt, source, page, text } = await bench("Prompts");
    await prompt("generation.plan").click();
    await source.waitFor();
    const before = await text();
    await source.press("ControlOrMeta+A");
    await page.keyboard.type("x");
    await expect.poll(text).toBe("x");
    await page.keyboard.press("ControlOrMeta+Z");
    await expect.poll(text).toBe(before);
    await source.press("ControlOrMeta+A");
    await page.keyboard.type("{");
    await expect.poll(text).toBe(`{${before}}`);
  });

  it("completes the prompt's variables and the keys of the front matter", async () => {
    const { prompt, source, panel, page, text } = await bench("Prompts");
    await prompt("generation.answer").click();
    await source.press("ControlOrMeta+End");
    await page.keyboard.type("\n{{pl");
    const options = panel.locator("[role=option]");
    await expect.poll(() => options.allTextContents()).toEqual(["plan"]);
    await options.click();
    await expect.poll(text).toMatch(/\n\{\{plan\}\}$/);
    await source.press("ControlOrMeta+Home");
    await page.keyboard.press("End");
    await page.keyboard.type("\ntem");
    await expect.poll(() => options.allTextContents()).toEqual(["temperatureFrom 0 to 2."]);
    await options.click();
    await expect.poll(text).toMatch(/^---\ntemperature: \n/);
    await page.keyboard.type("0\nmodel: ");
    await page.keyboard.press("Control+Space");
    await expect.poll(() => options.count()).toBeGreaterThan(0);
  });
});

describe("the versions of a prompt", () => {
  it("show what their answers took, and how they differ; an older one can be restored as a draft", async () => {
    const { prompt, source, fill, text, press, panel, say, over } = await bench("Prompts");
    const before = onDisk("analysis.answer");
    await say("Compare", "analysis");
    await over(1);
    await prompt("analysis.answer").click();
    await source.waitFor();
    await fill(`${before}\nBe brief.\n`);
    await press("Save");
    await expect.poll(() => onDisk("analysis.answer")).toContain("Be brief.");
    await say("Compare again", "analysis");
    await over(2);
    await press("Versions");
    const rows = panel.locator(".versions tbody tr");
    await expect.poll(() => rows.count()).toBe(2);
    expect(await rows.first().textContent()).toContain("in use");
    for (const row of await rows.all())
      await expect
        .poll(() => row.locator("td").allTextContents())
        .toEqual([
          "1",
          expect.stringMatching(/m?s$/),
          expect.stringMatching(/m?s$/),
          expect.stringMatching(/^\d+$/),
          expect.anything(),
          expect.stringMatching(/\d/),
        ]);
    await rows.last().locator("button").click();
    await expect.poll(() => panel.locator(".line-diff ins").allTextContents()).toContain("+ Be brief.\n");
    await press("Restore as draft");
    await press("Text");
    await expect.poll(text).toBe(before);
    await press("Save");
    await expect.poll(() => onDisk("analysis.answer")).toBe(before);
  });
});

describe("a run of a prompt", () => {
  it("answers the latest turns again with the draft, as a table with what changed", async () => {
    const { prompt, source, fill, press, panel, say, over } = await bench("Prompts");
    for (const [at, answer] of ["The cat sat.", "The dog ran."].entries()) {
      stage.server.model.next(answer);
      await say(`Question ${at}`, "multi_step");
      await over(at + 1);
    }
    await prompt("multi-step").click();
    await source.waitFor();
    await fill(`${onDisk("multi-step")}\nPrefer cats.`);
    await press("Run over past turns");
    await panel.locator('.run-form [name="last"]').fill("2");
    stage.server.model.answer(() => "The cat sat.");
    await press("Run draft");
    const run = panel.locator(".prompt-run");
    await expect.poll(() => run.getAttribute("data-state")).toBe("finished");
    const row = run.locator("tbody tr", { hasText: "Question 1" });
    await expect.poll(() => row.textContent()).toMatch(/multi step\d+ %/);
    expect(await run.locator("tbody tr", { hasText: "Question 0" }).textContent()).toContain("multi step0 %");
    expect(await run.locator("tfoot").textContent()).toContain("2 of 2 turns");
    await row.getByRole("button").click();
    await expect.poll(() => run.locator("del").allTextContents()).toEqual(["dog", "ran"]);
    expect(JSON.stringify(stage.server.model.requests.at(-1))).toContain("Prefer cats.");
    await press("Open this turn");
    await expect.poll(() => panel.locator(".record h3").textContent()).toBe("Question 1");
  });

  it("can be stopped, and says which turns failed", async () => {
    const { prompt, press, panel, say, over } = await bench("Prompts");
    await say("Solve it", "problem_solving");
    await over(1);
    await prompt("problem-solver.answer").click();
    await press("Run over past turns");
    const run = panel.locator(".prompt-run");
    stage.server.model.answer(() => ({ chunks: ["Never"], gate: gate() }));
    await press("Run prompt");
    await press("Stop run");
    await expect.poll(() => run.getAttribute("data-state")).toBe("stopped");
    stage.server.model.answer(() => ({ refusal: "No." }));
    await press("Run prompt");
    await expect
      .poll(() => run.locator("tbody .problem").allTextContents())
      .toEqual([expect.stringContaining("refused")]);
  });
});

describe("a prompt", () => {
  it("is used by the next answer after it is saved, without a reload", async () => {
    const { page, prompt, source, text, verdict, press, say, over } = await bench("Prompts");
    await prompt("simple").click();
    await expect.poll(text).toBe(onDisk("simple"));
    await source.press("ControlOrMeta+End");
    await page.keyboard.type("Answer like a pirate.");
    await expect.poll(() => verdict.textContent()).toMatch(/^Valid: [0-9a-f]{12}$/);
    await press("Save");
    await expect.poll(() => verdict.textContent()).toContain("Saved");
    expect(onDisk("simple")).toContain("pirate");
    await say("Hello", "simple");
    await over(1);
    expect(JSON.stringify(stage.server.model.requests.at(-1))).toContain("pirate");
    expect(await page.locator(".badge.draft").count()).toBe(0);
  });

  it("is validated while the user types, and not saved if it is invalid", async () => {
    const { prompt, source, fill, verdict, page } = await bench("Prompts");
    const before = onDisk("multi-step");
    await prompt("multi-step").click();
    await fill(`${before}\nUse {{no_such_thing}}.`);
    await expect.poll(() => verdict.textContent()).toContain("no_such_thing");
    expect(await source.getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("ControlOrMeta+s");
    await expect.poll(() => verdict.textContent()).toContain("no_such_thing");
    expect(onDisk("multi-step")).toBe(before);
  });

  it("is kept as a draft when the editor is left, until it is reverted", async () => {
    const { prompt, source, text, press, page } = await bench("Prompts");
    await prompt("complex.outline").click();
    await source.waitFor();
    const before = await text();
    await source.press("ControlOrMeta+End");
    await page.keyboard.press("Tab");
    await page.keyboard.type("indented");
    await press("← All prompts");
    await expect.poll(() => prompt("complex.outline").locator(".badge").textContent()).toBe("draft");
    await prompt("complex.outline").click();
    await expect.poll(text).toBe(`${before}  indented`);
    await press("Revert");
    await expect.poll(text).toBe(before);
    await page.keyboard.press("Escape");
    await source.press("Escape");
    await source.press("Tab");
    await expect.poll(() => source.evaluate((field) => (field.getRootNode() as ShadowRoot).activeElement)).toBe(null);
  });

  it("is updated when the file changes on disk; with a draft, the conflict is shown", async () => {
    const { prompt, text, fill, press, panel, verdict } = await bench("Prompts");
    const before = onDisk("summary");
    await prompt("summary").click();
    write("summary", `${before}\nFrom outside.\n`);
    await expect.poll(text).toContain("From outside.");
    await fill(`${before}\nMine.\n`);
    await expect.poll(() => verdict.textContent()).toContain("Valid");
    write("summary", `${before}\nFrom outside again.\n`);
    const conflict = panel.locator(".conflict");
    await conflict.waitFor();
    await expect.poll(() => conflict.locator("del").allTextContents()).toContain("− From outside again.\n");
    expect(await conflict.locator("ins").allTextContents()).toContain("+ Mine.\n");
    await press("Save");
    await expect.poll(() => onDisk("summary")).toContain("again");
    await press("Overwrite the file");
    await expect.poll(() => onDisk("summary")).toBe(`${before}\nMine.\n`);
    await conflict.waitFor({ state: "hidden" });
  });

  it("with an invalid file shows the error and can be repaired", async () => {
    const { prompt, fill, press, panel } = await bench("Prompts");
    const before = onDisk("data");
    write("data", "no front matter");
    await prompt("data").locator(".badge.fault").waitFor();
    await prompt("data").click();
    await expect.poll(() => panel.locator(".prompt-editor > .problem").textContent()).toContain("front matter");
    await fill(before);
    await press("Save");
    await expect.poll(() => onDisk("data")).toBe(before);
    await expect.poll(() => panel.locator(".prompt-editor > .problem").isHidden()).toBe(true);
  });

  it("is a draft for replays if saving is not allowed", async () => {
    const { prompt, source, text, fill, panel, press } = await reader.bench("Prompts");
    await prompt("simple").click();
    await expect.poll(() => panel.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
    await source.waitFor();
    await fill(`${await text()} More.`);
    await press("Use as draft for replay");
    await expect.poll(() => panel.getByRole("tab", { name: "Turn" }).getAttribute("aria-selected")).toBe("true");
  });
});

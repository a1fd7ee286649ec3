import { describe, expect, it } from "vitest";

import { onBench } from "./support/bench.ts";

const { bench, stage, onDisk, write } = onBench();
const reader = onBench({ WORKBENCH: "1", PLAYGROUND_EDIT: "0" });

describe("a prompt", () => {
  it("is used by the next answer after it is saved, without a reload", async () => {
    const { page, prompt, source, verdict, press, say, over } = await bench("Prompts");
    await prompt("simple").click();
    expect(await source.inputValue()).toBe(onDisk("simple"));
    await source.press("ControlOrMeta+End");
    await source.pressSequentially("Answer like a pirate.");
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
    const { prompt, source, verdict, page } = await bench("Prompts");
    const before = onDisk("multi-step");
    await prompt("multi-step").click();
    await source.fill(`${before}\nUse {{no_such_thing}}.`);
    await expect.poll(() => verdict.textContent()).toContain("no_such_thing");
    expect(await source.getAttribute("aria-invalid")).toBe("true");
    await page.keyboard.press("ControlOrMeta+s");
    await expect.poll(() => verdict.textContent()).toContain("no_such_thing");
    expect(onDisk("multi-step")).toBe(before);
  });

  it("is kept as a draft when the editor is left, until it is reverted", async () => {
    const { prompt, source, press, page } = await bench("Prompts");
    await prompt("complex.outline").click();
    const before = await source.inputValue();
    await source.press("ControlOrMeta+End");
    await page.keyboard.press("Tab");
    await page.keyboard.type("indented");
    await press("← All prompts");
    expect(await prompt("complex.outline").locator(".badge").textContent()).toBe("draft");
    await prompt("complex.outline").click();
    expect(await source.inputValue()).toBe(`${before}  indented`);
    await press("Revert");
    expect(await source.inputValue()).toBe(before);
    await page.keyboard.press("Escape");
    await source.press("Escape");
    await source.press("Tab");
    expect(await source.evaluate((field) => field === document.activeElement)).toBe(false);
  });

  it("is updated when the file changes on disk; with a draft, the conflict is shown", async () => {
    const { prompt, source, press, panel, verdict } = await bench("Prompts");
    const before = onDisk("summary");
    await prompt("summary").click();
    write("summary", `${before}\nFrom outside.\n`);
    await expect.poll(() => source.inputValue()).toContain("From outside.");
    await source.fill(`${before}\nMine.\n`);
    await expect.poll(() => verdict.textContent()).toContain("Valid");
    write("summary", `${before}\nFrom outside again.\n`);
    const conflict = panel.locator(".conflict");
    await conflict.waitFor();
    expect(await conflict.locator("del").allTextContents()).toContain("− From outside again.\n");
    expect(await conflict.locator("ins").allTextContents()).toContain("+ Mine.\n");
    await press("Save");
    await expect.poll(() => onDisk("summary")).toContain("again");
    await press("Overwrite the file");
    await expect.poll(() => onDisk("summary")).toBe(`${before}\nMine.\n`);
    await conflict.waitFor({ state: "hidden" });
  });

  it("with an invalid file shows the error and can be repaired", async () => {
    const { prompt, source, press, panel } = await bench("Prompts");
    const before = onDisk("data");
    write("data", "no front matter");
    await prompt("data").locator(".badge.fault").waitFor();
    await prompt("data").click();
    await expect.poll(() => panel.locator(".prompt-editor > .problem").textContent()).toContain("front matter");
    await source.fill(before);
    await press("Save");
    await expect.poll(() => onDisk("data")).toBe(before);
    await expect.poll(() => panel.locator(".prompt-editor > .problem").isHidden()).toBe(true);
  });

  it("is a draft for replays if saving is not allowed", async () => {
    const { prompt, source, panel, press } = await reader.bench("Prompts");
    await prompt("simple").click();
    expect(await panel.getByRole("button", { name: "Save", exact: true }).count()).toBe(0);
    await source.press("End");
    await source.fill(`${await source.inputValue()} More.`);
    await press("Use as draft for replay");
    expect(await panel.getByRole("tab", { name: "Turn" }).getAttribute("aria-selected")).toBe("true");
  });
});

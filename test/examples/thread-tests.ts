import type { Page } from "playwright-core";
import { expect } from "vitest";

import { it, openExample } from "./support.ts";
import { button, halfAgain, halfAnswered, isAnswer, say, settled, shows, texts } from "./thread-page.ts";

/** What every page on `useStream` has to do. `showsStopped` resolves when the page says that its answer was stopped, if it does. */
export function threadTests(example: string, showsStopped: (page: Page) => Promise<void> = async () => {}): void {
  it("streams", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const tokens = await halfAnswered(opened);
    tokens.open();
    expect(await settled(opened)).toEqual(["Count!", "one two three"]);
  });

  it("stops, and shows what the server keeps", async ({ browser }) => {
    const opened = await openExample(browser, example);
    await halfAnswered(opened);
    await button(opened.page, "Stop").click();
    await showsStopped(opened.page);
    expect(await settled(opened)).toEqual(["Count!", "one two"]);
  });

  it("continues after a reload in the middle of an answer, and stops it then", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const tokens = await halfAnswered(opened);
    await opened.page.reload();
    await shows(opened.page, "Count!", "one two");
    await button(opened.page, "Stop").waitFor();
    tokens.open();
    expect(await settled(opened)).toEqual(["Count!", "one two three"]);
    await halfAgain(opened);
    await opened.page.reload();
    await button(opened.page, "Stop").click();
    await showsStopped(opened.page);
    expect(await settled(opened)).toEqual(["Count!", "one two three", "Again!", "four"]);
  });

  it("continues after the network was gone for 10 s", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const tokens = await halfAnswered(opened);
    opened.network.down();
    await opened.page.getByRole("status").waitFor();
    await opened.page.waitForTimeout(10_000);
    tokens.open();
    opened.network.up();
    expect(await settled(opened)).toEqual(["Count!", "one two three"]);
  });

  it("regenerates and edits by forks, and drops what follows", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const { page, model } = opened;
    await say(page, "First");
    await shows(page, "First", "Answer to: First");
    await settled(opened);
    await say(page, "Second");
    await shows(page, "First", "Answer to: First", "Second", "Answer to: Second");
    await settled(opened);
    model.nextFor(isAnswer, "Better");
    await button(page, "Regenerate").first().click();
    await shows(page, "First", "Better");
    expect(await settled(opened)).toEqual(["First", "Better"]);
    await button(page, "Edit").click();
    await page.getByLabel("Edited message").fill("Third");
    await button(page, "Send again").click();
    await shows(page, "Third", "Answer to: Third");
    expect(await settled(opened)).toEqual(["Third", "Answer to: Third"]);
  });

  it("shows two tabs the same, also while they stream, stop and regenerate", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const { page, model } = opened;
    const tokens = await halfAnswered(opened);
    const other = await opened.open();
    await shows(other, "Count!", "one two");
    tokens.open();
    expect(await settled(opened, other)).toEqual(["Count!", "one two three"]);
    await halfAgain(opened, other);
    await shows(page, "Count!", "one two three", "Again!", "four");
    await button(page, "Stop").click();
    expect(await settled(opened, other)).toEqual(["Count!", "one two three", "Again!", "four"]);
    model.nextFor(isAnswer, "Better");
    await button(other, "Regenerate").first().click();
    await shows(page, "Count!", "Better");
    expect(await settled(opened, other)).toEqual(["Count!", "Better"]);
  });

  it("says why a turn failed, in both tabs", async ({ browser }) => {
    const opened = await openExample(browser, example);
    const other = await opened.open();
    opened.model.nextFor(isAnswer, { status: 400 });
    await say(opened.page, "Fail!");
    for (const each of [opened.page, other]) await each.getByRole("alert").first().waitFor();
    await say(opened.page, "Again!");
    await expect.poll(async () => (await texts(other)).at(-1)).toBe("Answer to: Again!");
  });
}

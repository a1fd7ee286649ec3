import { expect } from "vitest";

import { barriers } from "../browser/support/axe.ts";
import { isStructured, isText } from "../support/model-server.ts";
import { countRenders, rendersSince } from "./renders.ts";
import { gate, it, openExample } from "./support.ts";

it("a piece of text renders one turn, and none of the others", async ({ browser }) => {
  const { page, model } = await openExample(browser, "react");
  await countRenders(page);
  const message = page.getByRole("textbox", { name: "Message" });
  for (const content of ["First", "Second"]) {
    await message.fill(content);
    await message.press("Enter");
    await page.locator('article[data-status="completed"]', { hasText: content }).waitFor();
  }
  const tokens = gate();
  model.nextFor(isText, { chunks: ["One", " two", " three", " four"], gate: tokens });
  await message.fill("Third");
  await message.press("Enter");
  tokens.release();
  await page.getByText("One", { exact: true }).waitFor();
  await rendersSince(page);
  for (const text of ["One two", "One two three", "One two three four"]) {
    tokens.release();
    await page.getByText(text, { exact: true }).waitFor();
    expect(await rendersSince(page)).toEqual({ TurnView: 1, PartView: 1 });
  }
  tokens.open();
  await expect.poll(() => page.locator('article[data-status="completed"]').count()).toBe(3);
  expect(await rendersSince(page)).toMatchObject({ Chat: 1, TurnView: 1 });
});

it("shows the steps of an engine before its answer", async ({ browser }) => {
  const { page, model } = await openExample(browser, "react");
  const route = { type: "complex", confidence: 0.9, reason: "It has two parts.", standalone_question: "" };
  model.nextFor(isStructured, { json: route });
  await page.getByRole("textbox", { name: "Message" }).fill("Why is the sky blue, and the sunset red?");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator('article[data-status="completed"]').waitFor();
  await expect.poll(() => page.locator(".step").count()).toBeGreaterThan(0);
  await expect.poll(() => page.locator('.step:not([data-status="finished"])').count()).toBe(0);
});

it("keeps the end of a growing answer in view", async ({ browser }) => {
  const { page, model } = await openExample(browser, "react");
  const paragraphs = Array.from({ length: 60 }, (_, index) => `Paragraph ${index}.`);
  model.nextFor(isText, paragraphs.join("\n\n"));
  await page.getByRole("textbox", { name: "Message" }).fill("Much");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator('article[data-status="completed"]').waitFor();
  const top = async () => (await page.getByRole("button", { name: "Answer again" }).boundingBox())?.y;
  await expect.poll(top).toBeLessThan(800);
  expect(await top()).toBeGreaterThan(0);
});

it("axe finds no barrier, in either look", async ({ browser }) => {
  const { page, model } = await openExample(browser, "react");
  model.nextFor(isText, "An answer");
  await page.getByRole("textbox", { name: "Message" }).fill("A question");
  await page.getByRole("button", { name: "Send" }).click();
  await page.locator('article[data-status="completed"]').waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await barriers(page)).toEqual([]);
  }
});

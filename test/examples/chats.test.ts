import type { Browser, Page } from "playwright-core";
import { describe, expect } from "vitest";

import { isText } from "../support/model-server.ts";
import { gate, it, openExample } from "./support.ts";

const examples = [
  ["react", ""],
  ["vue", ""],
  ["svelte", ""],
  ["plain", "#server=/socket&api_key=key-a"],
] as const;

describe.each(examples)("examples/%s", (name, path) => {
  const opened = (browser: Browser) => openExample(browser, name, path);

  it("streams an answer, and keeps it over a reload in its middle", async ({ browser }) => {
    const { page, model, server } = await opened(browser);
    const tokens = gate();
    model.nextFor(isText, { chunks: ["One,", " two,", " three."], gate: tokens });
    await say(page, "Count");
    tokens.release();
    await expect.poll(() => answers(page)).toEqual(["One,"]);
    await page.reload();
    await expect.poll(() => answers(page)).toEqual(["One,"]);
    tokens.release();
    await expect.poll(() => answers(page)).toEqual(["One, two,"]);
    tokens.open();
    await over(page, 1);
    await expect.poll(() => answers(page)).toEqual(["One, two, three."]);
    await expect.poll(() => shown(page)).toEqual(await history(server, page));
  });

  it("stops an answer, and answers again", async ({ browser }) => {
    const { page, model, server } = await opened(browser);
    const tokens = gate();
    model.nextFor(isText, { chunks: ["Half", " and more"], gate: tokens });
    await say(page, "Say it");
    tokens.release();
    await expect.poll(() => answers(page)).toEqual(["Half"]);
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator('article[data-status="stopped"]').waitFor();
    await expect.poll(() => answers(page)).toEqual(["Half"]);
    tokens.open();
    model.nextFor(isText, "The whole of it");
    await page.getByRole("button", { name: "Answer again" }).click();
    await page.locator('article[data-status="completed"]').waitFor();
    await expect.poll(() => answers(page)).toEqual(["The whole of it"]);
    await expect.poll(() => shown(page)).toEqual(await history(server, page));
  });

  it("goes on after 10 seconds without a network, and sends what was written meanwhile", async ({ browser }) => {
    const { page, model, server, network } = await opened(browser);
    const tokens = gate();
    model.nextFor(isText, { chunks: ["Before,", " during", " and after."], gate: tokens });
    model.nextFor(isText, "Sent later");
    await say(page, "Go on");
    tokens.release();
    await expect.poll(() => answers(page)).toEqual(["Before,"]);
    network.down();
    await page.getByText("Reconnecting").waitFor();
    await say(page, "Written meanwhile");
    tokens.release();
    await page.waitForTimeout(10_000);
    expect(await answers(page)).toEqual(["Before,"]);
    network.up();
    tokens.open();
    await over(page, 2);
    await expect.poll(() => answers(page)).toEqual(["Before, during and after.", "Sent later"]);
    await expect.poll(() => page.getByText("Reconnecting").isVisible()).toBe(false);
    await expect.poll(() => shown(page)).toEqual(await history(server, page));
  });

  it("shows the same in two tabs", async ({ browser }) => {
    const { page, model, server, open } = await opened(browser);
    const second = await open();
    const tokens = gate();
    model.nextFor(isText, { chunks: ["Both", " see it."], gate: tokens });
    await say(page, "Hello");
    tokens.release();
    await expect.poll(() => answers(second)).toEqual(["Both"]);
    tokens.open();
    await over(second, 1);
    model.nextFor(isText, "From the second");
    await say(second, "And back");
    await over(page, 2);
    await expect.poll(() => shown(page)).toEqual(await history(server, page));
    await over(second, 2);
    await expect.poll(() => shown(second)).toEqual(await shown(page));
  });

  it("offers to try again after a failure", async ({ browser }) => {
    const { page, model, server } = await opened(browser);
    model.answer(({ structured }) => (structured ? undefined : { status: 401 }));
    await say(page, "Fail");
    await page.locator('article[data-status="failed"]').waitFor();
    model.answer(() => undefined);
    await page.getByRole("button", { name: "Try again" }).click();
    await over(page, 1);
    await expect.poll(() => answers(page)).toHaveLength(1);
    await expect.poll(() => shown(page)).toEqual(await history(server, page));
  });
});

async function say(page: Page, content: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message" }).fill(content);
  await page.getByRole("button", { name: "Send" }).click();
}

/** Resolves when so many turns are completed. */
async function over(page: Page, turns: number): Promise<void> {
  await expect.poll(() => page.locator('article[data-status="completed"]').count(), { timeout: 30_000 }).toBe(turns);
}

function answers(page: Page): Promise<string[]> {
  return page.locator("article .answer").allTextContents();
}

/** Questions and answers on the page. */
async function shown(page: Page): Promise<[string, string][]> {
  const questions = await page.locator("article .question").allTextContents();
  const texts = await answers(page);
  return questions.map((question, index) => [question, texts[index] ?? ""]);
}

/** The same from the server. */
async function history(
  server: Awaited<ReturnType<typeof openExample>>["server"],
  page: Page,
): Promise<[string, string][]> {
  const id = await page.evaluate(() => localStorage.getItem("conversation"));
  const client = await server.connect();
  const device = await client.join(id ?? "");
  const { response } = await device.push("get_history");
  await client.close();
  return response.turns.map(({ query, response }) => [query, response ?? ""]);
}

import type { Page } from "playwright-core";
import { describe, expect } from "vitest";

import { isText } from "../support/model-server.ts";
import { approvalTests } from "./approvals.ts";
import { gate, it, openExample } from "./support.ts";

type Opened = Awaited<ReturnType<typeof openExample>>;

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

const texts = (page: Page) => page.locator(".question, [data-role=assistant] .text").allTextContents();
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
const shows = (page: Page, text: string) => expect.poll(async () => (await texts(page)).at(-1)).toBe(text);

/** Resolves when each of the pages shows what the server has, once, and nothing is being written. */
async function settled({ server }: Opened, ...pages: [Page, ...Page[]]): Promise<string[]> {
  const id = await pages[0].evaluate(() => localStorage.getItem("conversation"));
  await using client = await server.connect();
  const conversation = await client.join(id ?? "");
  const kept = async () => {
    const { response } = await conversation.push("get_history", { limit: 200 });
    return response.turns.flatMap(({ query, response: answer }) => [query, answer]);
  };
  for (const each of pages) {
    await button(each, "Send").waitFor();
    await expect.poll(async () => ({ shown: await texts(each), kept: await kept() })).toSatisfy(isEqual);
  }
  return await kept();
}

const isEqual = ({ shown, kept }: { shown: string[]; kept: string[] }) =>
  JSON.stringify(shown) === JSON.stringify(kept);

/** Asks, and holds the answer after two of its three pieces. */
async function halfAnswered({ page, model }: Opened) {
  const tokens = gate();
  model.nextFor(isText, { chunks: ["one", " two", " three"], gate: tokens });
  await say(page, "Count!");
  tokens.release(2);
  await shows(page, "one two");
  return tokens;
}

describe("useChat in a browser", () => {
  approvalTests("ai-sdk");

  it("streams, and shows the route and the cost", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    const tokens = await halfAnswered(opened);
    tokens.open();
    expect(await settled(opened, opened.page)).toEqual(["Count!", "one two three"]);
    await expect.poll(() => opened.page.locator("[data-role=assistant]").textContent()).toContain("test-model");
  });

  it("stops, and shows what the server keeps", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    await halfAnswered(opened);
    await button(opened.page, "Stop").click();
    await opened.page.locator("[data-status=stopped]").waitFor();
    expect(await settled(opened, opened.page)).toEqual(["Count!", "one two"]);
  });

  it("continues after a reload in the middle of an answer", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    const tokens = await halfAnswered(opened);
    await opened.page.reload();
    await shows(opened.page, "one two");
    await button(opened.page, "Stop").waitFor();
    tokens.open();
    expect(await settled(opened, opened.page)).toEqual(["Count!", "one two three"]);
  });

  it("continues after the network was gone for 10 s", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    const tokens = await halfAnswered(opened);
    opened.network.down();
    await opened.page.getByRole("status").waitFor();
    await opened.page.waitForTimeout(10_000);
    tokens.open();
    opened.network.up();
    expect(await settled(opened, opened.page)).toEqual(["Count!", "one two three"]);
  });

  it("sends what was written without a network, also over a reload, and once", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    await say(opened.page, "First");
    await shows(opened.page, "Answer to: First");
    await button(opened.page, "Send").waitFor();
    opened.network.down();
    await opened.page.getByRole("status").waitFor();
    await say(opened.page, "Later");
    await shows(opened.page, "Later");
    const refused = opened.page.waitForEvent("requestfailed"); // the client asks why it gets no connection
    await opened.page.reload();
    await shows(opened.page, "Later");
    await refused;
    opened.network.up();
    expect(await settled(opened, opened.page)).toEqual(["First", "Answer to: First", "Later", "Answer to: Later"]);
  });

  it("regenerates, edits, and drops what follows", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    const { page, model } = opened;
    for (const text of ["First", "Second"]) {
      await say(page, text);
      await shows(page, `Answer to: ${text}`);
      await button(page, "Send").waitFor();
    }
    model.nextFor(isText, "Better");
    await button(page, "Regenerate").first().click();
    await shows(page, "Better");
    expect(await settled(opened, page)).toEqual(["First", "Better"]);
    await button(page, "Edit").click();
    await page.getByLabel("Edited message").fill("Third");
    await button(page, "Send again").click();
    expect(await settled(opened, page)).toEqual(["Third", "Answer to: Third"]);
  });

  it("shows two tabs the same, also while they stream, stop and regenerate", async ({ browser }) => {
    const opened = await openExample(browser, "ai-sdk");
    const { page, model } = opened;
    const tokens = await halfAnswered(opened);
    const other = await opened.open();
    await shows(other, "one two");
    tokens.open();
    expect(await settled(opened, page, other)).toEqual(["Count!", "one two three"]);

    const held = gate();
    model.nextFor(isText, { chunks: ["four", " five"], gate: held });
    await say(other, "On!");
    held.release();
    await shows(page, "four");
    await button(page, "Stop").click();
    expect(await settled(opened, page, other)).toEqual(["Count!", "one two three", "On!", "four"]);

    model.nextFor(isText, "Better");
    await button(other, "Regenerate").last().click();
    await shows(page, "Better");
    expect(await settled(opened, page, other)).toEqual(["Count!", "one two three", "On!", "Better"]);
  });
});

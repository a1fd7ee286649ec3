import type { Page } from "playwright-core";
import { expect } from "vitest";

import { isText } from "../support/model-server.ts";
import type { Shown } from "./hooks/main.ts";
import { gate, it, openExample } from "./support.ts";

const page = "../test/examples/hooks";

it("components with the same id share a conversation, which is left with the last of them", async ({ browser }) => {
  const { page: tab } = await openExample(browser, page);
  await show(tab, [{ id: "shared" }, { id: "shared" }]);
  await expect.poll(() => states(tab)).toEqual(["shared open", "shared open"]);
  expect(await channels(tab)).toEqual(["conversation:shared"]);
  await tab.getByRole("button", { name: "Ask" }).first().click();
  await expect.poll(() => texts(tab)).toEqual(["Answer to: Hello, shared", "Answer to: Hello, shared"]);
  await show(tab, [{ id: "shared" }]);
  expect(await channels(tab)).toEqual(["conversation:shared"]);
  await show(tab, []);
  await expect.poll(() => channels(tab)).toEqual([]);
});

it("another id opens another conversation and leaves the first", async ({ browser }) => {
  const { page: tab } = await openExample(browser, page);
  await show(tab, [{ id: "one" }]);
  await tab.getByRole("button", { name: "Ask" }).click();
  await expect.poll(() => texts(tab)).toEqual(["Answer to: Hello, one"]);
  await show(tab, [{ id: "two" }]);
  await expect.poll(() => states(tab)).toEqual(["two open"]);
  await expect.poll(() => texts(tab)).toEqual([]);
  await expect.poll(() => channels(tab)).toEqual(["conversation:two"]);
  await show(tab, [{ id: "one" }]);
  await expect.poll(() => texts(tab)).toEqual(["Answer to: Hello, one"]);
});

it("a message of a component that goes before it is confirmed is still sent", async ({ browser }) => {
  const { page: tab, network, server } = await openExample(browser, page);
  await show(tab, [{ id: "unsent" }]);
  await expect.poll(() => states(tab)).toEqual(["unsent open"]);
  network.down();
  await tab.getByRole("button", { name: "Ask" }).click();
  await show(tab, []);
  network.up();
  await expect.poll(() => channels(tab), { timeout: 20_000 }).toEqual([]);
  const device = await (await server.connect()).join("unsent");
  const { response } = await device.push("get_history");
  expect(response.turns.map(({ query }) => query)).toEqual(["Hello, unsent"]);
});

it("other preferences count without leaving, and a running answer goes on", async ({ browser }) => {
  const { page: tab, model } = await openExample(browser, page);
  const tokens = gate();
  model.nextFor(isText, { chunks: ["One", " and two"], gate: tokens });
  await show(tab, [{ id: "preferred", preferences: { temperature: 0.1 } }]);
  await tab.getByRole("button", { name: "Ask" }).click();
  tokens.release();
  await expect.poll(() => texts(tab)).toEqual(["One"]);
  await show(tab, [{ id: "preferred", preferences: { temperature: 9 } }]);
  await expect.poll(() => tab.locator("section").getAttribute("data-warnings")).toContain("temperature");
  tokens.open();
  await tab.locator('[data-status="completed"]').waitFor();
  await expect.poll(() => texts(tab)).toEqual(["One and two"]);
  await show(tab, [{ id: "preferred", preferences: { temperature: 0.7 } }]);
  await expect.poll(() => tab.locator("section").getAttribute("data-warnings")).toBe("");
  await tab.getByRole("button", { name: "Ask" }).click();
  await expect.poll(() => model.requests.filter(isText).at(-1)?.body.temperature).toBe(0.7);
});

it("a new component opens a conversation again that was left", async ({ browser }) => {
  const { page: tab } = await openExample(browser, page);
  await show(tab, [{ id: "again", mount: "first" }]);
  await expect.poll(() => states(tab)).toEqual(["again open"]);
  await tab.getByRole("button", { name: "Leave" }).click();
  await expect.poll(() => states(tab)).toEqual(["again left"]);
  await show(tab, [{ id: "again", mount: "second" }]);
  await expect.poll(() => states(tab)).toEqual(["again open"]);
});

it("what a server rendered is hydrated", async ({ browser }) => {
  const { page: tab } = await openExample(browser, page, "#hydrated");
  await expect.poll(() => states(tab)).toEqual(["hydrated open"]);
  await tab.getByRole("button", { name: "Ask" }).click();
  await expect.poll(() => texts(tab)).toEqual(["Answer to: Hello, hydrated"]);
});

function show(tab: Page, conversations: Shown[]): Promise<void> {
  return tab.evaluate((next) => window.show(next), conversations);
}

/** Of each component its conversation's id and connection. */
function states(tab: Page): Promise<string[]> {
  return tab
    .locator("section")
    .evaluateAll((all) => all.map(({ dataset: { id, connection } }) => `${id} ${connection}`));
}

function texts(tab: Page): Promise<string[]> {
  return tab.locator("section p").allTextContents();
}

/** The topics that are open on the page's socket. */
function channels(tab: Page): Promise<string[]> {
  return tab.evaluate(() =>
    (window.socket as unknown as { channels: { topic: string }[] }).channels.map(({ topic }) => topic),
  );
}

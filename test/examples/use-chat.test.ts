import type { Page } from "playwright-core";
import { describe, expect } from "vitest";

import { isText } from "../support/model-server.ts";
import { gate, it, openExample } from "./support.ts";

const path = "../test/examples/use-chat";

type Opened = Awaited<ReturnType<typeof openExample>>;

const texts = (page: Page) => page.locator("p").allTextContents();
const toggle = (page: Page) => page.getByRole("button", { name: "Toggle" }).click();

async function halfAnswered({ page, model }: Opened) {
  const tokens = gate();
  model.nextFor(isText, { chunks: ["one", " two", " three"], gate: tokens });
  await page.getByRole("button", { name: "Ask" }).click();
  tokens.release(2);
  await expect.poll(() => texts(page)).toEqual(["Count!", "one two"]);
  return tokens;
}

async function statuses({ server }: Opened): Promise<string[]> {
  const conversation = await (await server.connect()).join("only");
  const { response } = await conversation.push("get_history");
  return response.turns.map(({ status }) => status);
}

describe("useChat with the transport alone, in StrictMode", () => {
  it("resumes after a reload, and neither StrictMode nor the reload stops the answer", async ({ browser }) => {
    const opened = await openExample(browser, path);
    const tokens = await halfAnswered(opened);
    await opened.page.reload();
    await expect.poll(() => texts(opened.page)).toEqual(["Count!", "one two"]);
    await opened.page.locator("[data-status=streaming]").waitFor();
    tokens.open();
    await expect.poll(() => texts(opened.page)).toEqual(["Count!", "one two three"]);
    await opened.page.locator("[data-status=ready]").waitFor();
    await expect.poll(() => statuses(opened)).toEqual(["completed"]);
  });

  it("stops the answer when its component goes", async ({ browser }) => {
    const opened = await openExample(browser, path);
    await halfAnswered(opened);
    await toggle(opened.page);
    await expect.poll(() => statuses(opened)).toEqual(["stopped"]);
  });

  it("does not with `detach`, and resumes when the component is back", async ({ browser }) => {
    const opened = await openExample(browser, path, "#detach");
    const tokens = await halfAnswered(opened);
    await toggle(opened.page);
    await toggle(opened.page);
    await expect.poll(() => texts(opened.page)).toEqual(["Count!", "one two"]);
    tokens.open();
    await expect.poll(() => texts(opened.page)).toEqual(["Count!", "one two three"]);
    await expect.poll(() => statuses(opened)).toEqual(["completed"]);
  });

  it("goes on without a tab: one that closes stops nothing", async ({ browser }) => {
    const opened = await openExample(browser, path);
    const tokens = await halfAnswered(opened);
    await opened.page.close();
    tokens.open();
    await expect.poll(() => statuses(opened)).toEqual(["completed"]);
  });
});

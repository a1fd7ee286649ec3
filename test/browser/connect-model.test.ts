import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect } from "vitest";

import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { it } from "./support/browser.ts";
import { onStage } from "./support/stage.ts";

const demo = { OPENAI_API_KEY: "", OPENAI_BASE_URL: "", DEMO_WORD_MS: "0" };
const limits = { RATE_LIMIT_CONNECTIONS: "0", RATE_LIMIT_MESSAGES: "0" };
const rights = { PLAYGROUND_EDIT: "1", WORKBENCH: "1", WORKBENCH_KEYS: "key-a" };
const { connected } = onStage({ ...demo, ...limits, ...rights, MODEL_TIMEOUT_MS: "2000" });
const key = "sk-canary-of-the-page";
let model: ModelServer;

beforeAll(async () => {
  model = await startModelServer({ checkRequests: false });
});
beforeEach(() => model.reset());
afterAll(() => model.close());

async function dialogOf(page: Page) {
  await page.getByRole("button", { name: "Connect a model" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Connect a model" });
  return {
    dialog,
    async fill(name = "second") {
      await dialog.getByRole("button", { name: "Ollama" }).click();
      await dialog.getByLabel("Address").fill(model.url);
      await dialog.getByLabel("Key").fill(key);
      await dialog.getByLabel("Model", { exact: true }).fill(name);
      await dialog.getByRole("button", { name: "Check and connect" }).click();
    },
  };
}

describe("connecting a model on the page", () => {
  it("a wrong key shows the sentence that helps, and the demo model goes on answering", async () => {
    const { page } = await connected();
    const { dialog, fill } = await dialogOf(page);
    model.answer(() => ({ status: 401, error: { message: "Incorrect API key provided" } }));
    await fill();
    const alert = dialog.getByRole("alert");
    await alert.waitFor();
    await expect.poll(() => alert.textContent()).toContain("The server does not accept the key: check the key");
    expect(await dialog.locator('.checks [data-state="failed"]').textContent()).toContain("401");
    expect(await dialog.getByRole("button", { name: "Use it anyway" }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "hidden" });
    await expect.poll(() => page.getByRole("button", { name: "Connect a model" }).count()).toBeGreaterThan(0);
    expect(await page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).not.toContain(key);
  });

  it("the checks are shown, the next answer comes from the model, and it can be chosen", async () => {
    const { page, say, answer, over } = await connected();
    const { dialog, fill } = await dialogOf(page);
    await fill("second");
    await dialog.getByText("second answers from now on.").waitFor();
    await expect.poll(() => dialog.locator('.checks [data-state="ok"]').count()).toBe(3);
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => page.locator("#model option").allTextContents()).toEqual(["default", "second", "gpt-4"]);
    await say("Hello there", "simple");
    await over(1);
    await expect.poll(() => answer.textContent()).toContain("Answer to: Hello there");
    expect(await page.getByRole("button", { name: "Connect a model" }).count()).toBe(0);
    expect(model.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  });

  it("the server's models are offered, and one takes the place of the example", async () => {
    const { page } = await connected();
    await page.keyboard.press("Control+k");
    await page.locator("#palette").getByRole("combobox").fill("Connect a model");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Connect a model" });
    await dialog.getByRole("button", { name: "vLLM" }).click();
    await dialog.getByLabel("Address").fill(model.url);
    await dialog.getByLabel("Key").focus();
    const name = dialog.getByLabel("Model", { exact: true });
    await expect.poll(() => name.inputValue()).toBe("gpt-test");
    expect(await page.locator("#offered-models option").allTextContents()).toEqual(["gpt-test"]);
  });

  it("without the right, it says how to get it", async () => {
    const { page } = await connected();
    await page.evaluate(() => {
      sessionStorage.setItem("api_key", "key-b");
    });
    await page.goto(`${new URL(page.url()).origin}/?conversation=of-user-b`);
    await page.keyboard.press("Control+k");
    await page.locator("#palette").getByRole("combobox").fill("Connect a model");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Connect a model" });
    await dialog.getByText("PLAYGROUND_EDIT=1").waitFor();
    expect(await dialog.getByLabel("Key").count()).toBe(0);
  });
});

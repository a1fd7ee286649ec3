import { describe, expect, it } from "vitest";

import { barriers } from "./support/axe.ts";
import type { Device } from "./support/browser.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();
const field = ({ page }: Device) => page.getByRole("combobox", { name: "Find a command" });

describe("the command palette", () => {
  it("opens with Ctrl+K, also while typing, finds commands by their words, and closes with Escape", async () => {
    const device = await connected();
    const { page } = device;
    await page.locator("#message").press("Control+k");
    await field(device).fill("dark li");
    await expect.poll(() => page.locator("#palette-list .name").allTextContents()).toEqual(["Light or dark"]);
    expect(await barriers(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
    expect(await page.inputValue("#message")).toBe("");
  });

  it("chooses the engine with the keyboard alone", async () => {
    const device = await connected();
    const { page } = device;
    await page.keyboard.press("Control+k");
    await field(device).fill("engine");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect.poll(() => page.inputValue("#engine")).toBe("complex");
  });

  it("copies the conversation as Markdown", async () => {
    const device = await connected();
    const { page, context, say, over } = device;
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    for (const [index, question] of ["First?", "Second?\nReally?"].entries()) {
      stage.server.model.next(`**Answer** ${index + 1}`);
      await say(question, "simple");
      await over(index + 1);
    }
    await page.keyboard.press("Control+k");
    await field(device).fill("copy the conversation");
    await page.keyboard.press("Enter");
    const expected = "> First?\n\n**Answer** 1\n\n---\n\n> Second?\n> Really?\n\n**Answer** 2";
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(expected);
  });

  it("opens other conversations by their questions", async () => {
    const device = await connected();
    const { page, say, over, questions } = device;
    await say("About whales?", "simple");
    await over(1);
    await page.click("#new-conversation");
    await page.locator("#welcome").waitFor();
    await page.keyboard.press("Control+k");
    await field(device).fill("whales");
    await page.getByRole("option", { name: "About whales?" }).click();
    await expect.poll(questions).toEqual(["About whales?"]);
  });
});

it("the look can be changed, and is kept", async () => {
  const { page, connected: ready } = await connected(undefined, { colorScheme: "light" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.click("#theme-toggle");
  const dark = await background();
  expect(dark).not.toBe(light);
  await page.reload();
  await ready();
  await expect.poll(background).toBe(dark);
  await page.click("#theme-toggle");
  await expect.poll(background).toBe(light);
});

it("the first screen says what it is, and has a message for each engine, which is sent with one click", async () => {
  const { page, over, questions } = await connected();
  const abilities = await page.locator(".abilities strong").allTextContents();
  expect(abilities).toEqual(["Watch the graph", "Edit a prompt", "Replay a turn"]);
  const engines = await page.locator("#examples .engine").allTextContents();
  expect(engines).toEqual(["simple", "complex", "analysis", "generation", "problem solving"]);
  await page.locator("#examples button").first().click();
  await over(1);
  expect(await questions()).toEqual(["What is pattern matching in Elixir?"]);
  expect(await page.locator(".follow-ups button").count()).toBe(2);
});

it("a server that takes no more connections says so", async () => {
  const { page } = await connected();
  await page.route(/socket\/websocket/, (route) =>
    route.fulfill({ status: 429, json: { reason: "rate_limited", message: "Too many connections. Wait a minute." } }),
  );
  await page.routeWebSocket(/socket\/websocket/, (socket) => socket.close());
  await page.reload();
  await expect.poll(() => page.locator("#notice").textContent()).toBe("Too many connections. Wait a minute.");
  expect(await page.locator("#connection").getAttribute("data-state")).toBe("closed");
});

import { describe, expect, it } from "vitest";

import { onStage } from "./support/stage.ts";
import { workbenchOf } from "./support/workbench.ts";

const { connected, stage } = onStage();
const idIn = (url: string) => new URL(url).searchParams.get("conversation");

describe("the list of conversations", () => {
  it("lists conversations opened in this browser, and opens them without reloading the page", async () => {
    const { page, say, over, questions } = await connected();
    await page.evaluate(() => Object.assign(window, { sameDocument: true }));
    const titles = () => page.locator("#conversations .title").allTextContents();
    await say("First conversation?", "simple");
    await over(1);
    const first = page.url();
    await page.click("#new-conversation");
    await page.locator("#welcome").waitFor();
    expect(idIn(page.url())).not.toBe(idIn(first));
    await say("Second conversation?", "simple");
    await over(1);
    await expect.poll(titles).toEqual(["Second conversation?", "First conversation?"]);
    expect(await page.locator('[aria-current="page"]').textContent()).toContain("Second conversation?");
    await page.click("text=First conversation?");
    await expect.poll(questions).toEqual(["First conversation?"]);
    expect(page.url()).toBe(first);
    await page.goBack();
    await expect.poll(questions).toEqual(["Second conversation?"]);
    expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);
  });

  it("shows nothing from a conversation that was left during an answer", async () => {
    const { page, say, answer, last, questions } = await connected();
    stage.server.model.next({ chunks: Array.from({ length: 200 }, () => "left "), chunkDelayMs: 5 });
    await say("Long?", "simple");
    await expect.poll(() => answer.textContent()).toContain("left");
    await page.click("#new-conversation");
    await say("Short?", "simple");
    await expect.poll(() => last.getAttribute("aria-busy")).toBe("false");
    expect(await questions()).toEqual(["Short?"]);
    expect(await answer.textContent()).not.toContain("left left");
  });

  it("comes from the workbench if there is one", async () => {
    const updated_at = new Date(Date.now() - 3 * 3_600_000).toISOString();
    const listed = { conversation_id: "listed-1", title: "From the server", updated_at, turns: 2, running: false };
    const prepare = workbenchOf({
      phx_join: () => ({ can_edit: false, models: [], graphs: [], prompts: [], graph_fault: null }),
      get_conversations: () => ({ conversations: [listed] }),
    });
    const { page } = await connected(undefined, { prepare });
    await expect.poll(() => page.locator("#conversations .title").allTextContents()).toEqual(["From the server"]);
    expect(await page.locator("#conversations time").textContent()).toBe("3 hours ago");
    await page.click("text=From the server");
    await expect.poll(() => idIn(page.url())).toBe("listed-1");
  });

  it("is a drawer in narrow windows, which Escape closes", async () => {
    const { page } = await connected(undefined, { viewport: { width: 360, height: 740 } });
    const list = page.locator("#sidebar");
    await expect.poll(() => list.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Conversations" }).press("Enter");
    const focused = () => page.evaluate(() => document.activeElement?.id);
    await expect.poll(focused).toBe("new-conversation");
    expect(await list.isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await expect.poll(focused).toBe("sidebar-toggle");
    expect(await list.isVisible()).toBe(false);
  });
});

describe("the workbench", () => {
  const prepare = workbenchOf({
    phx_join: () => ({ can_edit: false, models: [], graphs: [], prompts: [], graph_fault: null }),
    get_conversations: () => ({ conversations: [] }),
  });

  it("opens beside the chat, also from a turn, which it then shows", async () => {
    const { page, say, over, button } = await connected(undefined, { prepare });
    const panel = page.locator("#workbench");
    await say("Hello", "simple");
    await over(1);
    await page.click("#workbench-toggle");
    await expect.poll(() => page.locator("#workbench-toggle").getAttribute("aria-expanded")).toBe("true");
    await panel.getByRole("tab", { name: "Graph", selected: true }).waitFor();
    await page.click("#workbench-toggle");
    await expect.poll(() => panel.isVisible()).toBe(false);
    await button("Inspect in the workbench").click();
    await panel.getByRole("tab", { name: "Turn", selected: true }).waitFor();
  });

  it("is not shown if the server has none", async () => {
    const nothing = workbenchOf({});
    const { page, say, over, button } = await connected(undefined, { prepare: nothing });
    await say("Hello", "simple");
    await over(1);
    expect(await page.locator("#workbench-toggle").isVisible()).toBe(false);
    expect(await button("Inspect in the workbench").count()).toBe(0);
  });
});

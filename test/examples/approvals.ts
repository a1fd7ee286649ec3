import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect } from "vitest";

import { type Asking, type Step, script, startAsking } from "../stock/asking-engine.ts";
import { it, openPages } from "./support.ts";

/** What LangChain's human-in-the-loop middleware asks before it calls a tool. */
const permission: Step = {
  ask: {
    actionRequests: [{ name: "look", args: { path: "/tmp" }, description: "Look?" }],
    reviewConfigs: [{ actionName: "look", allowedDecisions: ["approve", "edit", "reject"] }],
  },
};

const card = (page: Page) => page.getByRole("region", { name: "Your answer is needed" });
const answer = (page: Page) => page.locator("[data-role=assistant] .text").last();

/** The approval card of an example, in a real browser. */
export function approvalTests(name: string): void {
  describe("a tool call that needs an approval", () => {
    let asking: Asking;
    beforeAll(async () => {
      asking = await startAsking();
    });
    afterAll(() => asking?.[Symbol.asyncDispose]());

    /** Two tabs of the page, and a turn that asks for a permission. */
    async function asked(browser: Browser, ...steps: Step[]) {
      const { page, open } = await openPages(browser, name, asking.server);
      await page.getByLabel("Message", { exact: true }).waitFor();
      const id = await page.evaluate(() => localStorage.getItem("conversation") ?? "");
      const client = await asking.connect();
      const conversation = await client.join(id);
      await conversation.push("message", script({ say: "Well. " }, permission, ...steps));
      await card(page).waitFor();
      return { page, open, client, conversation };
    }

    it("is shown, and runs once it is approved", async ({ browser }) => {
      const { page, client } = await asked(browser, { tool: "look", file: asking.file() }, { say: "Done." });
      await expect.poll(() => page.locator("main").textContent()).toContain('{"path":"/tmp"}');
      await card(page).getByRole("button", { name: "Approve" }).click();
      await expect.poll(() => answer(page).textContent()).toMatch(/^Well\. .*approve.*Done\.$/);
      await card(page).waitFor({ state: "detached" });
      await expect.poll(() => page.locator("main").textContent()).toContain("result of look");
      await client.close();
    });

    it("is rejected with a reason, after a reload", async ({ browser }) => {
      const { page, client } = await asked(browser);
      await page.reload();
      await card(page).getByLabel("Reason").fill("Not now");
      await card(page).getByRole("button", { name: "Reject" }).click();
      const decision = { decisions: [{ type: "reject", message: "Not now" }] };
      await expect.poll(() => answer(page).textContent()).toBe(`Well. ${JSON.stringify(decision)}`);
      await card(page).waitFor({ state: "detached" });
      await client.close();
    });

    it("is answered on another device, and the card goes on a phone as well", async ({ browser }) => {
      const { page, open, client, conversation } = await asked(browser);
      const phone = await open();
      await phone.setViewportSize({ width: 360, height: 740 });
      await card(phone).waitFor();
      const isWide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth;
      expect(await phone.evaluate(isWide)).toBe(false);
      const { turn_id, requests } = await conversation.next("input_requested");
      const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "elsewhere" }));
      await conversation.push("respond", { turn_id, responses });
      for (const each of [page, phone]) {
        await expect.poll(() => answer(each).textContent()).toBe('Well. "elsewhere"');
        await card(each).waitFor({ state: "detached" });
      }
      await client.close();
    });
  });
}

import type { BrowserContext } from "playwright-core";
import { describe, expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected, open, stage } = onStage();

/** As browsers do when a user blocks site data, in sandboxed frames, and in web views without storage. */
const unusable: Record<string, (context: BrowserContext) => Promise<void>> = {
  blocked: async (context) => {
    await context.addInitScript(() => {
      const get = () => {
        throw new DOMException("The operation is insecure.", "SecurityError");
      };
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { get });
    });
  },
  full: async (context) => {
    await context.addInitScript(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
      };
    });
  },
  missing: async (context) => {
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage"]) Object.defineProperty(window, name, { value: null });
    });
  },
};

describe.for(Object.entries(unusable))("with storage that is %s", ([_what, prepare]) => {
  it("a link with a key opens the page, and it answers", async () => {
    const { page, say, over, questions } = await connected(undefined, { prepare });
    const titles = page.locator("#conversations .title");
    await say("First?", "simple");
    await over(1);
    await page.click("#new-conversation");
    await say("Second?", "simple");
    await over(1);
    await expect.poll(async () => (await titles.allTextContents()).slice(0, 2)).toEqual(["Second?", "First?"]);
    await titles.nth(1).click();
    await expect.poll(questions).toEqual(["First?"]);
  });

  it("a key that was typed is used as long as the page is open", async () => {
    const { page, connected: ready, say, over } = await open(`${stage.server.http}/`, { prepare });
    for (const key of ["wrong", "wrong too"]) {
      await page.fill("#key", key);
      await page.press("#key", "Enter");
      await expect.poll(() => page.locator("#key-problem").textContent()).toBe("The server refused this key.");
      await page.locator("#key").waitFor();
    }
    await page.fill("#key", "key-a");
    await page.press("#key", "Enter");
    await ready();
    await say("Hello", "simple");
    await over(1);
  });

  it("preferences count until the page is left, and the page says so", async () => {
    const { page, connected: ready } = await connected(undefined, { prepare });
    await page.click("#preferences-toggle");
    await page.getByLabel("Temperature").fill("0.5");
    await page.click("#preferences-save");
    await ready();
    await expect.poll(() => page.locator("#preferences-problem").textContent()).toMatch(/^Saved until you leave/);
    expect(await page.locator("#preferences-count").textContent()).toBe("(1)");
  });
});

it("what somebody else has stored under the same names does no harm", async () => {
  const prepare = async (context: BrowserContext) => {
    await context.addInitScript(() => {
      sessionStorage.setItem("drafts", "[1");
      localStorage.setItem("theme", "{}");
      localStorage.setItem("preferences", "[1");
      for (const user of ["", "a", "alice"]) localStorage.setItem(`conversations:${user}`, '{"a":1}');
    });
  };
  const { say, over } = await connected(undefined, { prepare });
  await say("Hello", "simple");
  await over(1);
});

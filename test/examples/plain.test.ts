import { expect } from "vitest";

import { it, openExample } from "./support.ts";

it("says why the server refuses the page", async ({ browser }) => {
  const { page, errors } = await openExample(browser, "plain", "#server=/socket&api_key=wrong");
  await expect.poll(() => page.locator("#notice").textContent()).toMatch(/key/);
  errors.splice(0); // Chromium logs the refused requests
});

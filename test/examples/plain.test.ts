import { expect } from "vitest";
import { it, openExample } from "./support.ts";

it("streams", async ({ browser }) => {
  const { page, model } = await openExample(browser, "plain", "#server=/socket&api_key=key-a");
  await expect.poll(() => page.locator("#x").textContent()).toContain("Hello");
  expect(model.requests.length).toBeGreaterThan(0);
});

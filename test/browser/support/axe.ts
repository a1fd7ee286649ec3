import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

import { painted } from "./browser.ts";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** All accessibility problems that axe finds on the page, as rule and element. */
export async function barriers(page: Page): Promise<string[]> {
  await painted(page);
  await page.evaluate(() => {
    const finite = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(finite.map(({ finished }) => finished)); // colours in a transition are not yet what they will be
  });
  await page.evaluate(`${source}; undefined`);
  // The result of `axe.run()`, serialized by Playwright.
  const { violations, passes } = (await page.evaluate("axe.run()")) as AxeResults;
  expect(passes.map(({ id }) => id)).toContain("color-contrast");
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target} ${failureSummary}`),
  );
}

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";

import { startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { device, it } from "./support/browser.ts";

const root = new URL("../..", import.meta.url).pathname;

/** A copy of the project inside the project, so that it finds the same packages. */
function projectCopy(): string {
  const copy = mkdtempSync(join(root, ".hot-graphs-"));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const bundled = ["packages", "playground", "package-lock.json", "tsconfig.json"]; // for the page
  for (const part of ["graphs", "prompts", "src", "package.json", ...bundled]) {
    cpSync(join(root, part), join(copy, part), { recursive: true });
  }
  return copy;
}

it("an engine that is added while npm run dev runs can be chosen without a reload, until it is removed", async ({
  browser,
}) => {
  const copy = projectCopy();
  await using model = await startModelServer();
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${copy}/data/test.db` };
  await using server = await spawnServer(env, copy, {
    nodeArguments: ["--import", "./src/reload/hooks.ts"],
    arguments: ["--dev"],
  });
  const { page, context, connected, say, over, answer } = await device(browser, `${server.http}/#api_key=key-a`);
  onTestFinished(() => context.close());
  await connected();
  const registry = join(copy, "graphs", "engines.ts");
  const before = readFileSync(registry, "utf8");
  const added = `  planning: { routedTo: "planning_conversation", when: "a plan is wanted", graph: simple },\n} as const;`;
  writeFileSync(registry, before.replace("} as const;", added));
  const engines = () => page.locator("#engine option").allTextContents();
  await expect.poll(engines).toContain("planning");
  await say("Plan our move", "planning");
  await over(1);
  await expect.poll(() => answer.textContent()).toBe("Answer to: Plan our move");
  writeFileSync(registry, before);
  await expect.poll(engines).not.toContain("planning");
  expect(await page.locator("#engine").inputValue()).toBe("");
});

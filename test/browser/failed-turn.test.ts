import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished } from "vitest";

import { faults, startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { barriers } from "./support/axe.ts";
import { device, it } from "./support/browser.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();
const folder = mkdtempSync(join(tmpdir(), "failed-turn-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a failed turn can be asked again, and other clients than the operator see no word of the model server", async () => {
  const { page, say, over, button, last, answer, questions } = await connected();
  stage.server.model.next(faults.unauthorized);
  await say("Why?", "simple");
  await over(1);
  const problem = last.locator(".problem");
  expect(await problem.innerText()).toMatch(
    /^The model cannot be reached or gave no usable answer\.\s*model_unavailable\s+Retry$/,
  );
  await page.reload();
  await over(1);
  await expect.poll(() => problem.innerText()).not.toContain("API key");
  await button("Retry").click();
  await expect.poll(() => answer.textContent()).toBe("Answer to: Why?");
  expect(await questions()).toEqual(["Why?"]);
  expect(await problem.count()).toBe(0);
});

it("whoever opened the printed link also sees what the model server said and what to do, until the server ends", async ({
  browser,
}) => {
  await using model = await startModelServer();
  await using server = await spawnServer({
    API_KEYS: "",
    OPENAI_BASE_URL: model.url,
    OPENAI_API_KEY: "canary-model-key",
    MODEL: "test-model",
    DATABASE_URL: `sqlite:${join(folder, "test.db")}`,
  });
  await expect.poll(() => server.output.join("\n")).toContain("#api_key=");
  const link = /playground: (\S+)/.exec(server.output.join("\n"))?.[1] ?? "";
  const { page, context, connected: isConnected, say, over, last, button, answer } = await device(browser, link);
  onTestFinished(() => context.close());
  await isConnected();
  const failure = {
    status: 401,
    error: { message: "Incorrect API key: <b>canary-model-key</b>", code: "invalid_api_key" },
  };
  model.next(failure);
  await say("Why?", "simple");
  await over(1);
  const problem = last.locator(".problem");
  const expected = [
    "The model cannot be reached or gave no usable answer.",
    "The server does not accept the key: check OPENAI_API_KEY",
    "Incorrect API key: <b>…</b> (invalid_api_key)",
    `test-model · ${model.url}/chat/completions · status 401`,
  ];
  for (const words of expected) expect(await problem.innerText()).toContain(words);
  expect(await barriers(page)).toEqual([]);
  await page.reload();
  await over(1);
  for (const words of expected) expect(await problem.innerText()).toContain(words);
  model.next(failure);
  await button("Retry").click();
  await expect.poll(() => model.requests.length).toBe(2);
  await over(1);
  await button("Retry").click();
  await expect.poll(() => answer.textContent()).toBe("Answer to: Why?");
});

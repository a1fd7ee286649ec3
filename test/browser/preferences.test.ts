import { expect, it, onTestFinished } from "vitest";

import { network } from "./support/network.ts";
import { onStage } from "./support/stage.ts";
import { workbenchOf } from "./support/workbench.ts";

const { connected, stage } = onStage();

it("preferences apply to the next answer, and still do after a reload", async () => {
  const { page, say, over, connected: reconnected } = await connected();
  await say("Before", "simple");
  await over(1);
  await page.click("#preferences-toggle");
  await page.getByLabel("Temperature").fill("0.9");
  await page.getByLabel("Maximum answer length").fill("123");
  await page.getByLabel("as a JSON object").last().fill('{"audience": "juniors"}');
  await page.click("#preferences-save");
  await expect.poll(() => page.locator("#preferences-count").textContent()).toBe("(3)");
  const asked = async (turns: number) => {
    const requests = stage.server.model.requests.length;
    await say("Hello", "simple");
    await over(turns);
    return stage.server.model.requests[requests]?.body;
  };
  expect(await asked(2)).toMatchObject({ temperature: 0.9, max_tokens: 123 });
  await page.reload();
  await reconnected();
  await over(2);
  await page.click("#preferences-toggle");
  await expect.poll(() => page.getByLabel("as a JSON object").last().inputValue()).toContain("juniors");
  expect(await asked(3)).toMatchObject({ temperature: 0.9, max_tokens: 123 });
});

it("invalid preferences and the server's warnings are shown", async () => {
  const { page } = await connected();
  const problem = page.locator("#preferences-problem");
  await page.click("#preferences-toggle");
  await page.getByLabel("top_p").fill("7");
  await page.click("#preferences-save");
  await expect.poll(() => page.locator("#preferences-count").textContent()).toBe("");
  await page.getByLabel("top_p").fill("");
  await page.getByLabel("as a JSON object").last().fill("nonsense");
  await page.click("#preferences-save");
  await expect.poll(() => problem.textContent()).toBe("“Other preferences” is not a JSON object.");
  await page.getByLabel("as a JSON object").last().fill("");
  await page.locator("#preferences").getByLabel("Model").fill("no-such-model");
  await page.click("#preferences-save");
  await expect.poll(() => problem.textContent()).toMatch(/model/);
});

it("the server's models are offered", async () => {
  const join = { can_edit: false, models: ["small", "large"], graphs: [], prompts: [], graph_fault: null };
  const { page } = await connected(undefined, { prepare: workbenchOf({ phx_join: () => join }) });
  await expect.poll(() => page.locator("#model option").allTextContents()).toEqual(["default", "small", "large"]);
  await page.click("#preferences-toggle");
  await expect.poll(() => page.locator("#models option").allTextContents()).toEqual(["small", "large"]);
});

it("saving preferences does not lose a message that waits for the connection", async () => {
  const way = await network(stage.server.http);
  onTestFinished(() => way.close());
  const { page, say, over, answer } = await connected(`${way.url}/#api_key=key-a`);
  await page.click("#context-toggle");
  await page.locator("#context").waitFor(); // what panels need is loaded
  way.down();
  await page.locator('#connection[data-state="lost"]').waitFor();
  await say("Hello", "simple");
  await page.click("#preferences-toggle");
  await page.getByLabel("Language").fill("Deutsch");
  await page.click("#preferences-save");
  way.up();
  await over(1);
  await expect.poll(() => answer.textContent()).toContain("Answer to:");
  expect(await page.locator(".turn").count()).toBe(1);
});

it("saving preferences during an answer does not change what is shown", async () => {
  const { page, say, answer, over } = await connected();
  stage.server.model.next({ chunks: Array.from({ length: 60 }, (_, index) => `${index} `), chunkDelayMs: 20 });
  await say("Count", "simple");
  await expect.poll(() => answer.textContent()).toContain("3 ");
  await page.click("#preferences-toggle");
  await page.getByLabel("Language").fill("Deutsch");
  await page.click("#preferences-save");
  await over(1);
  expect((await answer.textContent())?.trim()).toBe(Array.from({ length: 60 }, (_, index) => index).join(" "));
  expect(await page.locator(".turn").count()).toBe(1);
});

it("a panel that cannot be loaded without a connection says so, and opens when that is back", async () => {
  const way = await network(stage.server.http);
  onTestFinished(() => way.close());
  const { page } = await connected(`${way.url}/#api_key=key-a`);
  way.down();
  await page.locator('#connection[data-state="lost"]').waitFor();
  await page.click("#preferences-toggle");
  await expect.poll(() => page.locator("#notice").textContent()).toMatch(/when the connection is back/);
  way.up();
  await page.getByLabel("Language").waitFor();
  expect(await page.locator("#notice").textContent()).toBe("");
});

import { expect, it, onTestFinished } from "vitest";

import { gate } from "../support/model-server.ts";
import { network } from "./support/network.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

it("shows the same conversation live on a second device", async () => {
  const { page, say, answer, over } = await connected(undefined, { viewport: { width: 1600, height: 900 } });
  await page.getByRole("button", { name: "Second device" }).click();
  const second = page.frameLocator("#second-device");
  await expect.poll(() => page.locator("#devices").textContent()).toBe("2 devices");
  expect(await second.getByRole("button", { name: "Second device" }).count()).toBe(0);
  const tokens = gate();
  stage.server.model.next({ chunks: ["Both", " see it."], gate: tokens });
  await say("Hello", "simple");
  tokens.release();
  await expect.poll(() => answer.textContent()).toBe("Both");
  await expect.poll(() => second.locator(".answer").textContent()).toBe("Both");
  tokens.open();
  await over(1);
  stage.server.model.next("From the second");
  await second.getByLabel("Engine").selectOption("simple");
  await second.getByRole("textbox", { name: "Message" }).fill("Back");
  await second.getByRole("textbox", { name: "Message" }).press("Enter");
  await expect.poll(() => answer.textContent()).toBe("From the second");
  await page.getByRole("button", { name: "Second device" }).click();
  await expect.poll(() => page.locator("#devices").isVisible()).toBe(false);
});

it("the second device follows to another conversation", async () => {
  const { page } = await connected(undefined, { viewport: { width: 1600, height: 900 } });
  await page.getByRole("button", { name: "Second device" }).click();
  await expect.poll(() => page.locator("#devices").textContent()).toBe("2 devices");
  await page.click("#new-conversation");
  await expect.poll(() => page.frames().at(-1)?.url()).toBe(page.url());
  await expect.poll(() => page.locator("#devices").isVisible()).toBe(true);
});

it("shows when the browser is offline and online again", async () => {
  const way = await network(stage.server.http);
  onTestFinished(() => way.close());
  const { page, context } = await connected(`${way.url}/#api_key=key-a`);
  const words = () => page.locator("#connection").textContent();
  way.down(); // first: Chromium does not tell an offline page that its WebSocket is gone if a frame arrived meanwhile
  await expect.poll(words).toBe("Connection lost, reconnecting…");
  await context.setOffline(true);
  await expect.poll(words).toBe("You are offline");
  way.up();
  await context.setOffline(false);
  await expect.poll(words).toBe("Connected");
});

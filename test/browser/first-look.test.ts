import { expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected } = onStage();

it("the page opens a single WebSocket", async () => {
  const sockets: string[] = [];
  await connected(undefined, {
    prepare: async (context) => {
      context.on("page", (page) => page.on("websocket", (socket) => sockets.push(socket.url())));
    },
  });
  expect(sockets).toHaveLength(1);
});

it("what an empty conversation shows is read from its beginning, also where it does not fit", async () => {
  const { page } = await connected(undefined, { viewport: { width: 360, height: 640 } });
  await page.locator("#examples").waitFor();
  await page.setViewportSize({ width: 360, height: 600 });
  const fits = await page.locator("#log").evaluate((log) => log.scrollHeight <= log.clientHeight);
  expect(fits).toBe(false);
  expect(await page.locator("#log").evaluate((log) => log.scrollTop)).toBe(0);
});

it("a title is without the marks of a code block", async () => {
  const { page, say, over } = await connected();
  await say("Review this code:\n\n```python\nx = 1\n```", "analysis");
  await over(1);
  await expect
    .poll(() => page.locator('#conversations [aria-current="page"] .title').textContent())
    .toBe("Review this code: x = 1");
});

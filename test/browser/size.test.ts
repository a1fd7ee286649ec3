import type { BrowserContext } from "playwright-core";
import { expect, it } from "vitest";

import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();

/** The limit for all scripts of a typical chat, uncompressed. What is loaded when it is opened first has limits of its own. */
const maxBytes = 250 * 1_024;

it("a chat with highlighted code stays within the limit for scripts", async () => {
  const sizes = new Map<string, Promise<number>>();
  const prepare = async (context: BrowserContext) => {
    context.on("response", (response) => {
      const { pathname } = new URL(response.url());
      const isScript = response.headers()["content-type"]?.startsWith("text/javascript");
      if (!isScript) return;
      sizes.set(
        pathname,
        response.body().then(({ length }) => length),
      );
    });
  };
  const { say, answer } = await connected(undefined, { prepare });
  stage.server.model.next("```elixir\ndefmodule Cart do\nend\n```\n\nDone.");
  await say("Code", "simple");
  await answer.locator(".hljs-keyword").first().waitFor();
  const all = await Promise.all(sizes.values());
  expect(all.length).toBeGreaterThan(3);
  expect(all.reduce((sum, bytes) => sum + bytes, 0)).toBeLessThanOrEqual(maxBytes);
});

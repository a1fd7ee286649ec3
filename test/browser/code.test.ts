import { expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onStage } from "./support/stage.ts";

const { connected, stage } = onStage();
const source = 'defmodule Cart do\n  use GenServer\n  @name "cart"\nend\n';
const block = (language: string) => `Here:\n\n\`\`\`${language}\n${source}\`\`\``;

it("highlights code once its block is complete, without changing its text", async () => {
  const { say, last, answer, over } = await connected();
  const tokens = gate();
  stage.server.model.next({ chunks: [block("elixir"), "\n\nAnd", " more."], gate: tokens });
  await say("Code", "simple");
  tokens.release();
  await answer.locator("pre").waitFor();
  expect(await answer.locator("pre span").count()).toBe(0);
  tokens.release();
  await answer.locator(".hljs-keyword", { hasText: "defmodule" }).waitFor();
  expect(await last.getAttribute("aria-busy")).toBe("true");
  tokens.open();
  await over(1);
  expect(await answer.locator("pre code").textContent()).toBe(source);
});

it("names the language, loads only its grammar, and leaves code in unknown languages plain", async () => {
  const { page, say, answer, over } = await connected();
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  stage.server.model.next(block("brainf**k"));
  await say("Code", "simple");
  await over(1);
  expect(await answer.locator(".code-head").textContent()).toBe("brainf**k");
  expect(loaded.filter((path) => path.includes("highlight"))).toEqual([]);
  stage.server.model.next(block("TS"));
  await say("Code", "simple");
  await over(2);
  await answer.locator(".hljs-string").waitFor();
  expect(loaded.filter((path) => path.includes("languages/"))).toEqual([
    "/assets/vendor/highlight/languages/typescript.min.js",
  ]);
});

it("copies the code of a block, and the answer as Markdown", async () => {
  const { page, context, say, button, over } = await connected();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  stage.server.model.next(block("elixir"));
  await say("Code", "simple");
  await over(1);
  await button("Copy code").click();
  await button("Copied").waitFor();
  expect(await clipboard()).toBe(source);
  await button("Copy answer").click();
  await expect.poll(clipboard).toBe(block("elixir"));
});

it("keeps no class from an answer except a code block's language", async () => {
  const { say, answer, over } = await connected();
  stage.server.model.next("```elixir problem\nx\n```\n\n<p class=problem>over everything</p>\n\n```primary\ny\n```");
  await say("Code", "simple");
  await over(1);
  expect(await answer.locator(".problem, .primary").count()).toBe(0);
});

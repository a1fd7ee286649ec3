import { expect, it } from "vitest";

import { onBench } from "./support/bench.ts";
import { injections } from "./support/injections.ts";

const { bench, stage, onDisk, write } = onBench();

it("does not run injections in prompts, findings, node inputs, answers and replays", async () => {
  const { page, panel, prompt, press, say, over, node, tab, text } = await bench("Prompts");
  const openAll = (within: string) =>
    panel.locator(`${within} details`).evaluateAll((all) => {
      for (const details of all) (details as HTMLDetailsElement).open = true;
    });
  const before = onDisk("generation.plan");
  const all = injections.filter((injection) => !injection.includes("{{")).join("\n");
  write(
    "generation.plan",
    before
      .replace(/---\n$/m, `---\n${all}\n`)
      .replace(/description: >-/, "description: >-\n  <img src=x onerror=window.ran=1>"),
  );
  await expect.poll(() => prompt("generation.plan").textContent()).toContain("<img");
  await prompt("generation.plan").click();
  await expect.poll(text).toContain("window.ran");
  stage.server.model.answer(({ structured }) =>
    structured ? { json: { steps: injections } } : `${all}\n\`\`\`js\n1\n\`\`\``,
  );
  await say(all, "generation");
  await over(1);
  await tab("Graph");
  for (const name of ["plan", "write"]) await node(name, "done").locator("button").click();
  await tab("Turn");
  await panel.locator(".replay-form").waitFor();
  await openAll(".record");
  stage.server.model.answer(({ structured }) => (structured ? { json: { steps: injections } } : `Other ${all}`));
  await press("Run replay");
  await panel.locator(".comparison").waitFor();
  await openAll(".comparison");
  await expect.poll(() => panel.locator(".comparison").textContent()).toContain("window.ran = 1");
  expect(await page.evaluate(() => "ran" in window)).toBe(false);
  const foreign =
    "script, iframe:not(.drawing), object, embed, svg, math, style, link, base, img, video, audio, template, a";
  expect(await panel.locator(foreign).count()).toBe(0);
});

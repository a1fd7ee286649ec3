import { describe, expect, it, onTestFinished } from "vitest";

import { gate } from "../support/model-server.ts";
import { network } from "./support/network.ts";
import { onStage } from "./support/stage.ts";

const { connected, open, stage } = onStage({
  RATE_LIMIT_CONNECTIONS: "0",
  RATE_LIMIT_MESSAGES: "0",
  FALLBACK_MODELS: "second-model",
});

describe("opening", () => {
  it("takes the key from the link, hides it from the address bar and connects", async () => {
    const { page, connected } = await open();
    await connected();
    expect(page.url()).toMatch(/\/\?conversation=[0-9a-f]{24}$/);
    await page.reload();
    await connected();
  });

  it("asks for a key if there is none, and again if it is refused", async () => {
    const { page, connected } = await open(`${stage.server.http}/`);
    await page.fill("#key", "wrong");
    await page.press("#key", "Enter");
    await expect.poll(() => page.locator("#key-problem").textContent()).toBe("The server refused this key.");
    await page.fill("#key", "key-a");
    await page.press("#key", "Enter");
    await connected();
    await expect.poll(() => page.locator("#key-form").isVisible()).toBe(false);
  });

  it("says so if the conversation belongs to another user", async () => {
    const { page } = await connected();
    const other = await open(`${page.url()}#api_key=key-b`);
    await expect.poll(() => other.page.locator("#notice").textContent()).toMatch(/another user/);
  });
});

describe("a turn", () => {
  it("shows the answer as it streams, then its figures", async () => {
    const { page, say, answer, last, over } = await connected();
    const tokens = gate();
    stage.server.model.next({ chunks: ["The **first**", " word", " and the last."], gate: tokens });
    await say("Hello", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("The first");
    expect(await answer.locator("strong").textContent()).toBe("first");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("The first word");
    expect(await last.getAttribute("aria-busy")).toBe("true");
    tokens.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("The first word and the last.");
    expect(await last.locator(".strip li.done .name").allTextContents()).toEqual(["router", "simple", "answer"]);
    expect(await last.locator(".why").textContent()).toMatch(/^chosen by you/);
    expect(await last.locator(".facts summary").textContent()).toMatch(/^test-model · [\d.]+ m?s · \d+ → \d+ tokens$/);
    await last.locator(".facts summary").click();
    await expect.poll(() => last.locator(".facts").textContent()).toMatch(/model calls1.*prompts.*simple/);
    expect(await page.locator("#stop").isVisible()).toBe(false);
  });

  it("shows the steps as they run, their findings, and code blocks", async () => {
    const { say, answer, last, over, openDetails } = await connected();
    const planning = gate();
    stage.server.model.next({ json: { steps: ["Name the parts", "Write them"] }, gate: planning });
    stage.server.model.next("Here it is:\n\n```elixir\ndefmodule Cart do\n  use GenServer\nend\n```\n\nDone.");
    await say("Generate a cart", "generation");
    await last.locator(".step.running", { hasText: "plan" }).waitFor();
    planning.open();
    await last.locator(".step.done", { hasText: "plan" }).waitFor();
    await over(1);
    await openDetails();
    await expect.poll(() => last.locator(".finding li").allTextContents()).toEqual(["Name the parts", "Write them"]);
    expect(await answer.locator("pre code").textContent()).toBe("defmodule Cart do\n  use GenServer\nend\n");
    expect(await last.locator(".facts pre").textContent()).toBe("defmodule Cart do\n  use GenServer\nend");
    expect(await last.locator(".facts").textContent()).toContain("implementation plan");
  });

  it("shows who chose the engine, the confidence and the reason", async () => {
    const { say, last, over } = await connected();
    await say("What is the capital of France?");
    await over(1);
    await expect.poll(() => last.locator(".why").textContent()).toMatch(/^chosen .*\d+ % sure: .+/);
  });

  it("keeps the text so far when it is stopped", async () => {
    const { page, say, answer, last, over } = await connected();
    const tokens = gate();
    stage.server.model.next({ chunks: ["Only this", " and never that"], gate: tokens });
    await say("Hello", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("Only this");
    await page.click("#stop");
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("Only this");
    expect(await last.locator(".facts summary").textContent()).toMatch(/^stopped/);
    expect(await page.locator("#stop").isVisible()).toBe(false);
  });

  it("discards the text of a model that failed when a fallback model answers", async () => {
    const { say, answer, last, over } = await connected();
    const tokens = gate();
    stage.server.model.next({ chunks: ["Wrong ", "start"], cutAfter: 2, gate: tokens });
    stage.server.model.next({ chunks: ["Right ", "answer."], gate: tokens });
    await say("Hello", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("Wrong ");
    tokens.release(2);
    await expect.poll(() => answer.textContent()).toBe("Right ");
    tokens.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("Right answer.");
    await last.locator(".facts summary").click();
    await expect.poll(() => last.locator(".facts").textContent()).toContain("second-model");
  });

  it("shows why it failed, below the text so far", async () => {
    const { say, last, answer, over } = await connected();
    stage.server.model.answer(() => ({ refusal: "No." }));
    await say("Hello", "simple");
    await over(1);
    await expect.poll(() => last.locator(".problem").textContent()).toContain("model_refused");
    stage.server.model.answer(() => undefined);
    await say("Again", "simple");
    await over(2);
    await expect.poll(() => answer.textContent()).toContain("Answer to:");
  });

  it("puts a refused message back into the field", async () => {
    const { page, say } = await connected();
    await say("x".repeat(4001), "simple");
    await expect.poll(() => page.locator("#notice").textContent()).toContain("4000");
    expect(await page.inputValue("#message")).toHaveLength(4001);
    expect(await page.locator(".turn").count()).toBe(0);
  });

  it("is sent by Enter; Shift+Enter starts a new line", async () => {
    const { page, last, over } = await connected();
    await page.locator("#message").pressSequentially("one");
    await page.press("#message", "Shift+Enter");
    await page.locator("#message").pressSequentially("two");
    await page.press("#message", "Enter");
    await over(1);
    await expect.poll(() => last.locator(".question").textContent()).toBe("one\ntwo");
  });
});

describe("the conversation", () => {
  it("is shown after a reload and on another device", async () => {
    const { page, say, over, connected: reconnected } = await connected();
    await say("First?", "simple");
    await over(1);
    await say("Second?", "simple");
    await over(2);
    const shown = () => page.locator(":is(.question, .answer)").allTextContents();
    const before = await shown();
    await page.reload();
    await reconnected();
    await over(2);
    expect(await shown()).toEqual(before);
    const other = await connected(`${page.url()}#api_key=key-a`);
    await other.over(2);
    expect(await other.page.locator(".question").allTextContents()).toEqual(["First?", "Second?"]);
  });

  it("shows older messages on request", async () => {
    const id = `long-${Date.now()}`;
    await using client = await stage.server.connect();
    const conversation = await client.join(id);
    for (let turn = 1; turn <= 53; turn += 1) await conversation.ask(`${turn}?`, { options: { engine: "simple" } });
    const { page, over } = await connected(`${stage.server.http}/?conversation=${id}#api_key=key-a`);
    await over(50);
    await page.click("#earlier");
    await over(53);
    const questions = await page.locator(".question").allTextContents();
    expect(questions).toEqual(Array.from({ length: 53 }, (_, index) => `${index + 1}?`));
    expect(await page.locator("#earlier").isVisible()).toBe(false);
  });

  it("shows typing, question and answer on every device", async () => {
    const one = await connected();
    const other = await connected(`${one.page.url()}#api_key=key-a`);
    await expect.poll(() => one.page.locator("#devices").textContent()).toBe("2 devices");
    await one.page.locator("#message").pressSequentially("Hel");
    await expect.poll(() => other.page.locator("#others").textContent()).toBe("Typing on another device…");
    const tokens = gate();
    stage.server.model.next({ chunks: ["Good", " day."], gate: tokens });
    await one.say("Hello", "simple");
    tokens.release();
    await expect.poll(() => other.answer.textContent()).toBe("Good");
    await expect.poll(() => other.last.locator(".question").textContent()).toBe("Hello");
    expect(await other.page.locator("#others").textContent()).toBe("");
    tokens.open();
    await other.over(1);
  });

  it("starts over on every device", async () => {
    const one = await connected();
    const other = await connected(`${one.page.url()}#api_key=key-a`);
    await one.say("Hello", "simple");
    await other.over(1);
    await other.page.click("#start-over");
    for (const { page } of [one, other]) {
      await expect.poll(() => page.locator(".turn").count()).toBe(0);
      await page.locator("#welcome").waitFor();
    }
  });

  it("has a context that can be changed and survives a reload", async () => {
    const { page, connected: reconnected } = await connected();
    const field = page.locator("#context-text");
    await page.click("#context-toggle");
    await field.fill("nonsense");
    await page.click("#context-save");
    await expect.poll(() => page.locator("#context-problem").textContent()).toBe("This is not a JSON object.");
    for (const context of [{ language: "elixir", level: 3 }, { level: 4 }]) {
      await field.fill(JSON.stringify(context));
      await page.click("#context-save");
      await expect.poll(async () => JSON.parse(await field.inputValue())).toEqual(context);
      await expect.poll(() => page.locator("#context-count").textContent()).toBe(`(${Object.keys(context).length})`);
    }
    await page.reload();
    await reconnected();
    await expect.poll(() => page.locator("#context-count").textContent()).toBe("(1)");
  });
});

describe("a connection that breaks", () => {
  async function onBreakableNetwork() {
    const way = await network(stage.server.http);
    onTestFinished(() => way.close());
    const opened = await connected(`${way.url}/#api_key=key-a`);
    const lost = () => opened.page.locator('#connection[data-state="lost"]').waitFor();
    return { way, lost, ...opened };
  }

  it("loses nothing of an answer that continues meanwhile", async () => {
    const { way, lost, say, answer, over, connected: reconnected } = await onBreakableNetwork();
    const tokens = gate();
    stage.server.model.next({ chunks: ["one ", "two ", "three ", "four ", "five"], gate: tokens });
    await say("Count", "simple");
    tokens.release(2);
    await expect.poll(() => answer.textContent()).toBe("one two ");
    way.down();
    await lost();
    tokens.release(2);
    await tokens.held();
    way.up();
    await reconnected();
    await expect.poll(() => answer.textContent()).toBe("one two three four ");
    tokens.open();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("one two three four five");
  });

  it("loses nothing of an answer that ends meanwhile", async () => {
    const { page, way, lost, say, answer, over } = await onBreakableNetwork();
    const tokens = gate();
    stage.server.model.next({ chunks: ["one ", "two ", "three"], gate: tokens });
    await say("Count", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("one ");
    way.down();
    await lost();
    tokens.open();
    await (await stage.server.model.waitForRequest(1)).closed;
    way.up();
    await over(1);
    await expect.poll(() => answer.textContent()).toBe("one two three");
    expect(await page.locator(".turn").count()).toBe(1);
  });

  it("sends a message written meanwhile, exactly once", async () => {
    const { page, way, lost, say, answer, over, connected: reconnected } = await onBreakableNetwork();
    way.down();
    await lost();
    await say("Are you there?", "simple");
    way.up();
    await reconnected();
    await over(1);
    await expect.poll(() => answer.textContent()).toContain("Answer to:");
    await page.reload();
    await over(1);
    await expect.poll(() => page.locator(".turn").count()).toBe(1);
  });
});

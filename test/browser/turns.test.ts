import { describe, expect, it } from "vitest";

import { gate } from "../support/model-server.ts";
import { onStage } from "./support/stage.ts";

const { connected, beside, stage } = onStage();

/** A conversation with two finished turns. */
async function conversation() {
  const opened = await connected();
  for (const [index, question] of ["First?", "Second?"].entries()) {
    stage.server.model.next(`Answer ${index + 1}`);
    await opened.say(question, "simple");
    await opened.over(index + 1);
  }
  const first = opened.page.locator(".turn").first();
  return { ...opened, first, inFirst: (name: string) => first.getByRole("button", { name, exact: true }) };
}

describe("regenerate", () => {
  it("replaces the turn and all later ones on every device", async () => {
    const one = await conversation();
    const other = await beside(one);
    await other.over(2);
    stage.server.model.next("Another answer");
    await one.inFirst("Regenerate").click();
    for (const { page, answer, questions } of [one, other]) {
      await expect.poll(() => answer.textContent()).toBe("Another answer");
      expect(await questions()).toEqual(["First?"]);
      expect(await page.locator(".turn").count()).toBe(1);
    }
    await one.page.reload();
    await one.over(1);
    await expect.poll(() => one.questions()).toEqual(["First?"]);
  });

  it("moves the focus to the new turn", async () => {
    const { page, last, button } = await conversation();
    const before = await last.getAttribute("data-turn-id");
    await button("Regenerate").click();
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe("turn");
    expect(await last.getAttribute("data-turn-id")).not.toBe(before);
  });

  it("stops a running turn", async () => {
    const { page, say, answer, questions, inFirst, over } = await conversation();
    const tokens = gate();
    stage.server.model.next({ chunks: ["Never ", "whole"], gate: tokens });
    await say("Third?", "simple");
    tokens.release();
    await expect.poll(() => answer.textContent()).toBe("Never ");
    stage.server.model.next("From the beginning");
    await inFirst("Regenerate").click();
    await expect.poll(() => answer.textContent()).toBe("From the beginning");
    await over(1);
    await expect.poll(questions).toEqual(["First?"]);
    expect(await page.locator("#stop").isVisible()).toBe(false);
  });
});

describe("edit", () => {
  it("replaces the question and removes all later turns on every device", async () => {
    const one = await conversation();
    const other = await beside(one);
    await other.over(2);
    await one.inFirst("Edit the question").click();
    const field = one.page.getByRole("textbox", { name: "Your question" });
    await expect.poll(() => field.inputValue()).toBe("First?");
    stage.server.model.next("To other words");
    await field.fill("Reworded?");
    await field.press("Enter");
    for (const { answer, questions } of [one, other]) {
      await expect.poll(() => answer.textContent()).toBe("To other words");
      await expect.poll(questions).toEqual(["Reworded?"]);
    }
  });

  it("changes nothing if it is cancelled with Escape, and returns the focus", async () => {
    const { page, questions, inFirst } = await conversation();
    await inFirst("Edit the question").click();
    await page.getByRole("textbox", { name: "Your question" }).fill("Never");
    await page.keyboard.press("Escape");
    await expect.poll(() => page.getByRole("textbox", { name: "Your question" }).count()).toBe(0);
    expect(await questions()).toEqual(["First?", "Second?"]);
    expect(await inFirst("Edit the question").evaluate((button) => button === document.activeElement)).toBe(true);
  });

  it("shows why the new text is refused, and keeps it", async () => {
    const { page, inFirst } = await conversation();
    await inFirst("Edit the question").click();
    const field = page.getByRole("textbox", { name: "Your question" });
    await field.fill("x".repeat(4001));
    await field.press("Enter");
    await expect.poll(() => page.locator(".question-editor .refusal").textContent()).toContain("4000");
    expect(await field.inputValue()).toHaveLength(4001);
  });
});

describe("feedback", () => {
  /** A finished turn, and the page's `feedback` pushes. */
  async function judged() {
    const opened = await connected();
    const pushed: unknown[] = [];
    opened.page.on("websocket", (socket) =>
      socket.on("framesent", ({ payload }) => {
        const [, , , event, body] = JSON.parse(String(payload));
        if (event === "feedback") pushed.push(body);
      }),
    );
    await opened.page.reload();
    await opened.connected();
    await opened.say("Hello", "simple");
    await opened.over(1);
    return { ...opened, pushed, turn_id: await opened.last.getAttribute("data-turn-id") };
  }

  it("is asked for by a button under the answer, and can have a comment and the engine that should have answered", async () => {
    const { page, last, button, pushed, turn_id } = await judged();
    await button("Rate the answer").click();
    await button("Send").click();
    await expect.poll(() => last.locator(".rating .refusal").textContent()).toBe("Choose good or bad first.");
    await last.getByLabel("Bad answer").check();
    await last.getByRole("textbox", { name: "Comment" }).fill("Too short.");
    await last.getByLabel("Should have been answered by").selectOption("analysis");
    await button("Send").click();
    await expect.poll(() => last.locator(".said").textContent()).toBe("Thank you.");
    expect(pushed).toEqual([{ turn_id, score: -1, comment: "Too short.", expected: "analysis" }]);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Rate the answer");
  });

  it("is not sent if the form is closed with Escape", async () => {
    const { page, last, button, pushed } = await judged();
    await button("Rate the answer").click();
    await last.getByLabel("Good answer").check();
    await page.keyboard.press("Escape");
    await expect.poll(() => last.locator(".rating").count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Rate the answer");
    expect(pushed).toEqual([]);
  });
});

describe("the facts of a turn", () => {
  it("show the time of each step, the time to the first word and the total time", async () => {
    const { say, last, over } = await connected();
    stage.server.model.answer(({ structured }) => (structured ? { json: { steps: ["One"] } } : "Done."));
    await say("Generate", "generation");
    await over(1);
    await expect.poll(() => last.locator(".step.done .took").first().textContent()).toMatch(/^[\d.]+ m?s$/);
    await last.locator(".facts summary").click();
    await expect
      .poll(() => last.locator(".facts dl").textContent())
      .toMatch(/first word after[\d.]+ m?sin total[\d.]+ m?s/);
  });

  it("list each prompt with its hash", async () => {
    const { say, last, over } = await connected();
    await say("Hello", "simple");
    await over(1);
    const prompts = await last
      .locator("[data-prompt]")
      .evaluateAll((all: HTMLElement[]) => all.map(({ dataset }) => [dataset.prompt, dataset.hash]));
    expect(prompts).toContainEqual(["simple", expect.stringMatching(/^[0-9a-f]{12}$/)]);
  });
});

import type { BrowserContext, Locator } from "playwright-core";
import { beforeEach, describe, expect, it } from "vitest";

import { askingEngines, askingGraphs } from "./support/asking-engines.ts";
import { barriers } from "./support/axe.ts";
import type { Device } from "./support/browser.ts";
import { looks, onEnginesStage } from "./support/engines-stage.ts";
import { workbenchOf } from "./support/workbench.ts";

const { connected, beside, stage } = onEnginesStage(askingEngines, askingGraphs, { ENGINES: "+assistant" });

const order = { order: "A-17", amount: 12.5, notify: true, lines: ["tea", "milk"] };

beforeEach(() => {
  stage.model.reset();
  stage.model.answer(() => "It is done.");
});

/** What the model read as results of its tool calls. */
const results = () =>
  stage.model.requests.at(-1)?.messages.flatMap(({ role, content }) => (role === "tool" ? [content] : []));

/** A device whose turn asks. A turn that waits is not busy, so its end is told by its actions. */
function asking(opened: Device) {
  const card = opened.page.locator(".request");
  return {
    ...opened,
    card,
    press: (name: string) => card.getByRole("button", { name, exact: true }).click(),
    ended: () => opened.last.locator(".actions").waitFor(),
    rows: () => opened.last.locator(".activity .name").allTextContents(),
  };
}

/** The model wants these calls. */
async function wants(calls: [name: string, args: object][], device?: Device) {
  const opened = asking(device ?? (await connected()));
  stage.model.next({ text: "I will do it.", toolCalls: calls.map(([name, args]) => ({ name, args })) });
  await opened.say("Do it", "clerk");
  await opened.card.first().waitFor();
  return opened;
}

/** A turn asks with these values. */
async function asked(values: unknown[], device?: Device) {
  const opened = asking(device ?? (await connected()));
  await opened.say(JSON.stringify(values), "asks");
  await opened.card.first().waitFor();
  return opened;
}

const isFocused = (locator: Locator) => locator.evaluate((element) => element === document.activeElement);

describe("a call that needs approval", () => {
  it("is shown with its arguments, is made once it is approved, and the page says all along what it waits for", async () => {
    const { page, card, press, ended, rows, last, answer } = await wants([["refund", order]]);
    expect(await card.locator(".asks").textContent()).toBe("Allow refund?");
    expect(await card.locator(".arguments").innerText()).toMatch(/order\s+A-17\s+amount\s+12.5\s+notify\s+true/);
    await expect.poll(() => page.locator("#announcements").textContent()).toContain("Approval needed: refund.");
    await expect.poll(() => page.locator("#waits").innerText()).toContain("The answer waits for you");
    await expect.poll(() => page.locator("#conversations .waits").textContent()).toContain("waits for you");
    await expect.poll(() => last.getAttribute("aria-busy")).toBe("false");
    expect(await answer.textContent()).toBe("I will do it.");
    await press("Approve");
    await expect.poll(() => answer.innerText()).toContain("It is done.");
    await ended();
    await expect.poll(() => page.locator(".request, #waits, #conversations .waits").count()).toBe(0);
    expect(results()).toEqual([`Refunded ${JSON.stringify(order)}`]);
    await expect.poll(rows).toEqual(["Approved", "refund"]);
  });

  it("is made with edited arguments, each in a field of its kind, or all as JSON", async () => {
    const { page, card, press, ended } = await wants([["refund", order]]);
    await press("Edit");
    const field = (name: string) => card.getByLabel(name, { exact: true });
    await expect.poll(() => isFocused(field("order"))).toBe(true);
    await field("amount").fill("much");
    await field("lines").fill("[1,");
    await press("Approve with changes");
    await expect.poll(() => card.locator(".refusal").allTextContents()).toContain("Enter a number.");
    expect((await card.locator(".refusal").allTextContents()).join()).toContain("This is not JSON");
    await expect.poll(() => isFocused(field("amount"))).toBe(true);
    await field("amount").fill("9");
    await field("lines").fill('["tea"]');
    await field("notify").uncheck();
    await press("Edit as JSON");
    const json = field("Arguments as a JSON object");
    const changed = { order: "A-17", amount: 9, notify: false, lines: ["tea"] };
    expect(JSON.parse(await json.inputValue())).toEqual(changed);
    await json.fill("nonsense");
    await press("Approve with changes");
    await expect.poll(() => card.locator(".refusal").allTextContents()).toContain("This is not a JSON object.");
    await json.fill(JSON.stringify({ ...changed, note: "sorry" }));
    await press("Approve with changes");
    await ended();
    await expect.poll(() => page.locator(".request").count()).toBe(0);
    expect(results()).toEqual([`Refunded ${JSON.stringify({ ...changed, note: "sorry" })}`]);
  });

  it("is not made if it is rejected, and the model gets the reason", async () => {
    const { page, card, press, ended, rows } = await wants([["remove", { order: "A-17" }]]);
    expect(await card.locator(".why").textContent()).toBe("This cannot be undone.");
    expect(await card.getByRole("button").allTextContents()).toEqual(["Approve", "Reject"]);
    await press("Reject");
    await page.keyboard.press("Escape");
    await expect.poll(() => isFocused(card.getByRole("button", { name: "Reject" }))).toBe(true);
    await page.keyboard.press("Enter");
    await card.getByLabel("Reason").fill("We need it.");
    await press("Reject");
    await ended();
    expect(results()).toEqual(["We need it."]);
    await expect.poll(rows).toContain("Rejected");
  });

  it("is decided with others of the same request, and all decisions are sent together", async () => {
    const { page, card, press, ended } = await wants([
      ["remove", { order: "A-1" }],
      ["refund", order],
      ["remove", { order: "A-3" }],
    ]);
    expect(await card.count()).toBe(1);
    const action = card.locator(".action");
    const inAction = (at: number, name: string) => action.nth(at).getByRole("button", { name, exact: true });
    const words = () => action.locator(".asks").allTextContents();
    await inAction(0, "Reject").click();
    await action.nth(0).getByLabel("Reason").fill("No.");
    await inAction(0, "Reject").click();
    await expect.poll(() => isFocused(inAction(1, "Approve"))).toBe(true);
    expect(await card.getByRole("button", { name: "Send decisions" }).isDisabled()).toBe(true);
    await inAction(1, "Edit").click();
    await action.nth(1).getByLabel("amount").fill("1");
    await inAction(1, "Approve with changes").click();
    await expect.poll(words).toEqual(["Rejected remove", "Approved with changes refund", "Allow remove?"]);
    await inAction(0, "Change").click();
    await expect.poll(words).toEqual(["Allow remove?", "Approved with changes refund", "Allow remove?"]);
    await press("Approve the rest");
    await ended();
    await expect.poll(() => page.locator(".request").count()).toBe(0);
    const changed = `Refunded ${JSON.stringify({ ...order, amount: 1 })}`;
    expect(results()).toEqual(["Removed A-1", changed, "Removed A-3"]);
  });
});

describe("a question", () => {
  it("is answered with a button for each choice", async () => {
    const { page, card, ended, answer, rows, last } = await asked([
      { question: "Which size?", choices: ["Small", "Large"] },
    ]);
    expect(await card.locator(".asks").textContent()).toBe("Which size?");
    expect(await card.locator("textarea").count()).toBe(0);
    await expect.poll(() => page.locator("#announcements").textContent()).toContain("Which size?");
    await page.click("#waits button");
    await expect.poll(() => isFocused(card)).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await ended();
    expect(await answer.textContent()).toBe('"Large"');
    await expect.poll(rows).toEqual(["Answered “Large”"]);
    await expect.poll(() => isFocused(last)).toBe(true);
  });

  it("is answered with words of one's own where these are allowed, sent with Enter", async () => {
    const free = await asked([{ question: "Which size?", choices: ["Small"], free: true }]);
    const field = free.card.getByLabel("Something else");
    await field.press("Enter");
    await expect.poll(() => free.card.locator(".refusal").allTextContents()).toContain("Write an answer first.");
    await field.fill("Something between");
    await field.press("Escape");
    await field.press("Shift+Enter");
    await field.press("Enter");
    await free.ended();
    expect(await free.answer.textContent()).toBe('"Something between"');
    const plain = await asked(["What is your name?"], free);
    await plain.card.getByLabel("Your answer").fill("Ada");
    await plain.press("Send answer");
    await expect.poll(() => plain.answer.textContent()).toBe('"Ada"');
  });

  it("of the assistant's tool takes a choice or other words, and the model reads the answer", async () => {
    const opened = asking(await connected());
    const args = { question: "Which order?", choices: ["A-17", "A-18"] };
    stage.model.next({ toolCalls: [{ name: "ask_user", args }] });
    await opened.say("Where is my order?", "assistant");
    await expect.poll(() => opened.card.locator(".choices button").allTextContents()).toEqual(args.choices);
    await opened.card.getByLabel("Something else").fill("The one of today");
    await opened.press("Send answer");
    await opened.ended();
    expect(results()).toEqual(["The one of today"]);
    await expect.poll(async () => (await opened.rows()).sort()).toEqual(["Answered “The one of today”", "ask_user"]);
  });

  it("of any other form is shown as JSON, and is answered with text or with JSON", async () => {
    const first = await asked([{ pick: [1, 2, { of: "these" }] }]);
    expect(await first.card.locator(".data pre").innerText()).toContain('"of": "these"');
    await first.card.getByLabel("Send as JSON").check();
    await first.card.getByLabel("Your answer").fill("{");
    await first.press("Send answer");
    await expect
      .poll(async () => (await first.card.locator(".refusal").allTextContents()).join())
      .toContain("not JSON");
    await first.card.getByLabel("Your answer").fill('{"picked": [2]}');
    await first.press("Send answer");
    await expect.poll(() => first.answer.textContent()).toBe('{"picked":[2]}');
    await first.ended();
    const second = await asked([42], first);
    await second.card.getByLabel("Your answer").fill("43");
    await second.press("Send answer");
    await expect.poll(() => second.answer.textContent()).toBe('"43"');
  });
});

describe("several questions", () => {
  it("are answered one by one, also after a reload, and the answer goes on once all are", async () => {
    const one = await asked(["First?", "Second?", "Third?"]);
    const { page, card, answer } = one;
    expect(await page.locator(".requests .row").first().textContent()).toContain("3 questions wait");
    const reply = async (question: string, text: string) => {
      const asks = card.filter({ hasText: question });
      await asks.getByLabel("Your answer").fill(text);
      await asks.getByLabel("Your answer").press("Enter");
    };
    await reply("Second?", "two");
    await expect.poll(() => card.count()).toBe(2);
    await expect.poll(() => isFocused(card.first())).toBe(true);
    await page.reload();
    await expect.poll(() => card.locator(".asks").allTextContents()).toEqual(["First?", "Third?"]);
    await expect.poll(() => page.locator("#waits").isVisible()).toBe(true);
    await reply("Third?", "three");
    await expect.poll(() => card.count()).toBe(1);
    await reply("First?", "one");
    await one.ended();
    expect((await answer.innerText()).split(/\s+/).sort()).toEqual(['"one"', '"three"', '"two"']);
  });

  it("that need approval are approved at once, and only ten cards are shown at a time", async () => {
    const approval = (order: string) => ({
      action_requests: [{ name: "remove", args: { order } }],
      review_configs: [{ action_name: "remove", allowed_decisions: ["approve", "edit"] }],
    });
    const { page, card, ended, answer, press } = await asked(
      Array.from({ length: 12 }, (_, at) => approval(`A-${at}`)),
    );
    expect(await card.count()).toBe(10);
    await card.first().getByRole("button", { name: "Edit" }).click();
    await card.first().getByLabel("order").fill("B-0");
    await press("Approve with changes");
    await page.getByRole("button", { name: "Approve all 11" }).click();
    await ended();
    const answers = await answer.innerText();
    expect(answers.match(/"approve"/g)).toHaveLength(11);
    expect(answers).toContain(
      '{"decisions":[{"type":"edit","edited_action":{"name":"remove","args":{"order":"B-0"}}}]}',
    );
  });
});

describe("on two devices", { timeout: 60_000 }, () => {
  it("the card of one goes when the other has answered, which its row tells", async () => {
    const one = await wants([["remove", { order: "A-17" }]]);
    const other = asking(await beside(one, looks[2]?.[1]));
    await other.card.waitFor();
    await other.press("Approve");
    await expect.poll(() => one.card.count()).toBe(0);
    for (const { ended } of [one, other]) await ended();
    await expect.poll(one.rows).toContain("Answered on another device");
    await expect.poll(other.rows).toContain("Approved");
  });

  it("whoever comes second is told so, and can go on when the news arrives", async () => {
    let deliver = () => {};
    const prepare = async (context: BrowserContext) => {
      await context.routeWebSocket(/socket\/websocket/, (page) => {
        const server = page.connectToServer();
        server.onMessage((message) => {
          if (String(message).includes('"input_answered"')) deliver = () => page.send(message);
          else page.send(message);
        });
      });
    };
    const one = await asked(
      [{ question: "Which?", choices: ["A", "B"] }, "And?"],
      await connected(undefined, { prepare }),
    );
    const other = asking(await beside(one));
    await other.card.getByRole("button", { name: "A", exact: true }).click();
    await expect.poll(() => other.card.count()).toBe(1);
    await one.card.getByRole("button", { name: "B", exact: true }).click();
    await expect
      .poll(async () => (await one.card.locator(".refusal").allTextContents()).join())
      .toContain("somebody else");
    deliver();
    await expect.poll(() => one.card.count()).toBe(1);
    await expect.poll(one.rows).toEqual(["Answered on another device"]);
  });
});

it("the list marks a conversation that waits elsewhere", async () => {
  const entry = { title: "Elsewhere", updated_at: new Date().toISOString(), turns: 1, running: true };
  const prepare = workbenchOf({
    phx_join: () => ({ can_edit: false, models: [], graphs: [], prompts: [], graph_fault: null }),
    get_conversations: () => ({
      conversations: [
        { ...entry, conversation_id: "elsewhere", waiting: true },
        { ...entry, conversation_id: "busy", waiting: false },
      ],
    }),
  });
  const { page } = await connected(undefined, { prepare });
  const words = async () => (await page.locator("#conversations time").allTextContents()).map((text) => text.trim());
  await expect.poll(words).toEqual(["waits for you", "answering…"]);
});

it("a turn that is stopped while it waits has no card any more, and Escape does not stop it", async () => {
  const { page, card, ended, rows } = await asked(["Go on?"]);
  await page.focus("#message");
  await page.keyboard.press("Escape");
  await page.click("#stop");
  await ended();
  await expect.poll(() => card.count()).toBe(0);
  await expect.poll(rows).toEqual(["Not answered"]);
  expect(await page.locator("#waits").count()).toBe(0);
});

it("a command leads to the question, and Escape there does not stop the turn", async () => {
  const { page, card, press, answer } = await asked(["Go on?"]);
  await page.keyboard.press("ControlOrMeta+K");
  await page.getByRole("combobox", { name: "Find a command" }).fill("question that waits");
  await page.keyboard.press("Enter");
  await expect.poll(() => isFocused(card)).toBe(true);
  await page.keyboard.press("Escape");
  await card.getByLabel("Your answer").fill("yes");
  await page.keyboard.press("Escape");
  await press("Send answer");
  await expect.poll(() => answer.textContent()).toBe('"yes"');
});

describe.each(looks)("cards, %s", (_, options) => {
  it("are without barriers and within the page", async () => {
    const opened = await wants(
      [
        ["refund", { ...order, order: "x".repeat(600) }],
        ["remove", { order: "A-17" }],
      ],
      await connected(undefined, options),
    );
    const { page, card } = opened;
    const fits = () =>
      page.evaluate(() => document.querySelector("#log")?.scrollWidth === document.querySelector("#log")?.clientWidth);
    expect(await barriers(page)).toEqual([]);
    expect(await fits()).toBe(true);
    await card.locator(".action").first().getByRole("button", { name: "Edit" }).click();
    await card.locator(".action").last().getByRole("button", { name: "Reject" }).click();
    await card.getByLabel("amount").fill("");
    await card.getByRole("button", { name: "Approve with changes" }).click();
    expect(await barriers(page)).toEqual([]);
    expect(await fits()).toBe(true);
    await page.click("#stop");
    await opened.ended();
    await asked([{ question: "Which?", choices: ["A", "B ".repeat(80)], free: true }, { any: "value" }], opened);
    expect(await barriers(page)).toEqual([]);
    expect(await fits()).toBe(true);
  });
});

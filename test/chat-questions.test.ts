import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { dialogue } from "../cli/chat/dialogue.ts";
import { answerTo, questionIn } from "../cli/chat/requests.ts";
import { screen } from "../cli/chat/screen.ts";
import { page } from "./client/support.ts";
import { type Asking, type Step, script, startAsking } from "./stock/asking-engine.ts";
import { watch } from "./support/watch.ts";

const permission = { actionRequests: [{ name: "look", args: { path: "/tmp" } }] };
const asked = (value: unknown) => ({ turn_id: "t", interrupt_id: "i", value });

describe("what a turn asks, in words", () => {
  it.each([
    ["a permission", permission, 'May it run look {"path":"/tmp"}? y, or n and why'],
    ["a question with choices", { question: "Which?", choices: ["a", "b"] }, "Which? (a / b)"],
    ["a question", { question: "Which?" }, "Which?"],
    ["text", "Really?", "Really?"],
    ["anything else", { a: 1 }, '{"a":1}'],
  ])("%s", (_, value, words) => expect(questionIn(asked(value))).toBe(words));

  it.each([
    ["y", { type: "approve" }],
    ["Yes", { type: "approve" }],
    ["n", { type: "reject" }],
    ["no, not now", { type: "reject", message: "not now" }],
    ["use another folder", { type: "reject", message: "use another folder" }],
  ])("the answer %s to a permission", (words, decision) => {
    expect(answerTo(asked(permission), words)).toEqual({ decisions: [decision] });
  });
});

describe("npm run chat, when a turn waits", () => {
  let asking: Asking;
  beforeAll(async () => {
    asking = await startAsking();
  });
  afterAll(() => asking?.[Symbol.asyncDispose]());

  /** A chat in which another device makes a turn ask. */
  async function chat(...steps: Step[]) {
    const before = new Set([...process.listeners("SIGINT"), ...process.listeners("exit")]);
    const [input, output] = [new PassThrough(), new PassThrough()];
    const heard = watch();
    let printed = "";
    output.on("data", (chunk) => {
      printed += chunk;
      heard.notify();
    });
    const shown = screen(output, output);
    const id = crypto.randomUUID();
    const mine = page(new URL("/socket", asking.server.http).href.replace("http", "ws"), id, { on: shown.listeners });
    await mine.conversation.joined;
    const ended = dialogue(mine.conversation, shown, {
      input,
      terminal: output,
      isConnected: () => true,
    });
    onTestFinished(async () => {
      input.end();
      for (const event of ["SIGINT", "exit"] as const) {
        for (const one of process.listeners(event as "exit")) if (!before.has(one)) process.off(event, one);
      }
      await mine[Symbol.asyncDispose]();
    });
    const { content, options } = script(...steps);
    const ask = () => mine.conversation.ask(content, { options } as Parameters<typeof mine.conversation.ask>[1]);
    const says = (words: RegExp) =>
      heard.until(
        () => words.exec(printed) ?? undefined,
        5000,
        () => `${words} in ${JSON.stringify(printed)}`,
      );
    return { ask, says, ended, type: (line: string) => void input.write(`${line}\r`) };
  }

  it("shows the question, and what is typed next is the answer", async () => {
    const { ask, says, type } = await chat({ say: "Well. " }, { ask: permission }, { say: "Done." });
    const turn = ask();
    await says(/\? May it run look/);
    type("n, not now");
    await turn.response;
    await says(/"message":"not now".*Done\./);
  });

  it("answers several questions one after the other", async () => {
    const { ask, says, type } = await chat({ all: ["one?", "two?"], file: asking.file() }, { say: "Both." });
    const turn = ask();
    await says(/\? two\?/);
    type("1");
    type("2");
    await turn.response;
    await says(/Both\./);
  });
});

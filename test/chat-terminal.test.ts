import type { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";

import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";

import { dialogue } from "../cli/chat/dialogue.ts";
import { screen } from "../cli/chat/screen.ts";
import { page } from "./client/support.ts";
import { gate, isText } from "./support/model-server.ts";
import { start } from "./support/start.ts";
import { watch } from "./support/watch.ts";

const server = await start({ RATE_LIMIT_MESSAGES: "0" });
afterAll(() => server.close());
beforeEach(() => server.model.reset());

const pasted = (text: string) => `\x1b[200~${text.replaceAll("\n", "\r")}\x1b[201~`;
const trace = Array.from({ length: 8 }, (_, line) => `line-${line} at Foo.bar(Foo.java:${line})`).join("\n");

/** The chat on a terminal. What the program adds to the process is removed after the test. */
async function terminalChat() {
  const before = { SIGINT: process.listeners("SIGINT"), exit: process.listeners("exit") };
  const [input, terminal, notes] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const heard = watch();
  let printed = "";
  for (const output of [terminal, notes]) {
    output.on("data", (chunk) => {
      printed += chunk;
      heard.notify();
    });
  }
  const mine = page(server.url, crypto.randomUUID());
  const { listeners, note, problem } = screen(terminal, notes);
  const { conversation } = mine;
  await conversation.joined;
  conversation.channel.on("response", (response) => listeners.response?.(response));
  let isConnected = true;
  const ended = dialogue(
    conversation,
    { listeners, note, problem },
    { input, terminal, isConnected: () => isConnected },
  );
  const added = (event: "SIGINT" | "exit") =>
    (process as EventEmitter).listeners(event).filter((one) => !(before[event] as unknown[]).includes(one));
  onTestFinished(async () => {
    input.end();
    for (const event of ["SIGINT", "exit"] as const) {
      for (const listener of added(event)) process.off(event, listener as () => void);
    }
    await mine[Symbol.asyncDispose]();
  });
  return {
    ended,
    type: (text: string) => void input.write(text),
    shown: (words: RegExp) =>
      heard.until(
        () => words.exec(printed) ?? undefined,
        5000,
        () => `${words} in ${JSON.stringify(printed)}`,
      ),
    disconnect: () => {
      isConnected = false;
    },
    /** What the program does when it exits. */
    exit: () => {
      for (const listener of added("exit")) listener(0);
    },
    asked: () => server.model.requests.filter(isText).map(({ user }) => user),
  };
}

describe("in a terminal", () => {
  it("lines that are pasted together are one message, which Enter sends", async () => {
    const { type, shown, asked } = await terminalChat();
    type(pasted(trace));
    type("\r");
    await shown(/model calls?/);
    expect(asked()).toEqual([trace]);
  });

  it("what is typed before and after a paste belongs to its message", async () => {
    const { type, shown, asked } = await terminalChat();
    type(`Why? ${pasted("one\n\n/quit\nthree\n")}Thanks!\r`);
    await shown(/model calls?/);
    expect(asked()).toEqual(["Why? one\n\n/quit\nthree\nThanks!"]);
  });

  it("a paste that comes in pieces is still one message", async () => {
    const { type, shown, asked } = await terminalChat();
    for (const piece of ["\x1b[20", "0~one\r", "two\rthr", "ee\x1b[", "201~", "\r"]) type(piece);
    await shown(/model calls?/);
    expect(asked()).toEqual(["one\ntwo\nthree"]);
  });

  it("a pasted command of one line is a command", async () => {
    const { type, ended } = await terminalChat();
    type(`${pasted("/quit")}\r`);
    await ended;
  });

  it("a path is a message, and an unknown command shows the commands", async () => {
    const { type, shown, asked } = await terminalChat();
    type("/etc/hosts is empty\r");
    await shown(/model calls?/);
    type("/what is this\r");
    await shown(/\/quit\s(?:.|\s)*\/quit\s/);
    expect(asked()).toEqual(["/etc/hosts is empty"]);
  });

  it("the terminal marks pastes while the program runs, and not afterwards", async () => {
    const { shown, exit } = await terminalChat();
    await shown(/\[\?2004h/);
    exit();
    await shown(/\[\?2004l/);
  });

  it("Ctrl+C discards what was pasted or typed, and quits the second time", async () => {
    const { type, shown, ended, exit, asked } = await terminalChat();
    type(pasted("never\nsent"));
    type("\x03");
    await shown(/discarded/);
    type("\x03");
    await ended;
    exit();
    expect(asked()).toEqual([]);
  });

  it("what waits for an answer when the user quits is said to be unsent", async () => {
    const { type, shown, ended, exit } = await terminalChat();
    const tokens = gate();
    server.model.answer(({ structured }) => (structured ? undefined : { chunks: ["one", "two"], gate: tokens }));
    type("First\r");
    await server.model.waitForRequest(1);
    type("Second\rThird\r/quit\r");
    await ended;
    tokens.open();
    exit();
    await shown(/not sent, or not confirmed: Second\n.*not sent, or not confirmed: Third/);
  });

  it("without a connection, it says that a message is sent later", async () => {
    const { type, shown, disconnect } = await terminalChat();
    disconnect();
    type("Hello\r");
    await shown(/not connected: this is sent when the connection is back/);
  });
});

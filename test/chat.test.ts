import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { gate, isText, refusingUrl } from "./support/model-server.ts";
import { inherited } from "./support/spawned.ts";
import { start } from "./support/start.ts";
import { tcpProxy } from "./support/tcp-proxy.ts";

const program = fileURLToPath(new URL("../cli/chat/chat.ts", import.meta.url));

let server: Awaited<ReturnType<typeof start>>;
beforeAll(async () => {
  server = await start();
});
afterAll(() => server.close());
beforeEach(() => server.model.reset());

/** The terminal chat, with pipes as input and output. */
function chat(args: string[] = ["--api-key", "key-a"], url = server.url) {
  const child = spawn(process.execPath, [program, ...args], { env: { ...inherited(), CHAT_URL: url } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return {
    child,
    /** Resolves once this was printed, on stdout or stderr. */
    printed: (words: RegExp) => Promise.race([printed(child.stdout, words), printed(child.stderr, words)]),
    say: (...lines: string[]) => child.stdin.write(lines.map((line) => `${line}\n`).join("")),
    /** Ends the input, and resolves when the program exits. */
    async end() {
      child.stdin.end();
      return await this.ended();
    },
    async ended() {
      const [answers, notes, [code]] = await ended;
      return { answers, notes, code };
    },
  };
}

function printed(output: Readable, words: RegExp): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let seen = "";
  output.on("data", (chunk) => {
    seen += chunk;
    if (words.test(seen)) resolve();
  });
  return promise;
}

describe("the terminal chat", () => {
  it("the terminal chat answers each line of its input in order, and exits when the input ends", async () => {
    server.model.nextFor(isText, "The first answer.", "The second answer.");
    const running = chat(["--api-key", "key-a", "--conversation", "chat-1"]);
    running.say("What is one?", "", "What is two?");
    const { answers, notes, code } = await running.end();
    expect(answers).toBe("The first answer.\nThe second answer.\n");
    expect(notes).toContain("conversation chat-1");
    expect(notes).toMatch(/test-model · [\d.]+ s · \d+ → \d+ tokens/);
    expect(code).toBe(0);
  });

  it("the terminal chat prints an answer as it arrives, and stops it at the first Ctrl-C", async () => {
    const tokens = gate();
    server.model.answer(({ structured }) =>
      structured ? undefined : { chunks: ["Only this", " never that"], gate: tokens },
    );
    const running = chat();
    running.say("Hello");
    tokens.release();
    await running.printed(/Only this/);
    running.child.kill("SIGINT");
    const { answers, notes, code } = await running.end();
    expect(answers).toBe("Only this\n");
    expect(notes).toMatch(/^stopped · /m);
    expect(code).toBe(0);
  });

  it("the terminal chat exits at a Ctrl-C if nothing runs", async () => {
    const running = chat();
    running.say("Hello");
    await running.printed(/ model calls?/);
    running.child.kill("SIGINT");
    expect((await running.ended()).code).toBe(0);
  });

  it("the terminal chat starts over, changes the context and rejects unknown commands", async () => {
    const running = chat();
    running.say(
      '/context {"language":"elixir"}',
      "/new",
      "/context {}",
      "/context nonsense",
      "/what",
      "/quit",
      "never sent",
    );
    const { answers, notes, code } = await running.end();
    const inOrder = [
      'context: {"language":"elixir"}',
      "new conversation started",
      "context: {}",
      "not valid JSON",
      "/quit",
    ];
    const found = inOrder.map((words) => notes.indexOf(words));
    expect(found).toEqual(found.toSorted((one, other) => one - other));
    expect(found).not.toContain(-1);
    expect(answers).toBe("");
    expect(server.model.requests).toEqual([]);
    expect(code).toBe(0);
  });

  it("the terminal chat strips control characters from answers", async () => {
    server.model.answer(({ structured }) =>
      structured ? undefined : "safe\u001b]0;title\u0007\u001b[2J\u009b31m\rend",
    );
    const running = chat();
    running.say("Hello");
    const { answers } = await running.end();
    expect(answers).toBe("safe]0;title[2J31mend\n");
  });

  it("the terminal chat shows why a turn failed, and continues", async () => {
    server.model.answer(() => ({ refusal: "No." }));
    const running = chat();
    running.say("Hello");
    const { notes, code } = await running.end();
    expect(notes).toContain("(model_refused)");
    expect(code).toBe(0);
  });
});

describe("a chat whose connection is lost", () => {
  async function lost() {
    const proxy = await tcpProxy(server.http);
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const running = chat(["--api-key", "key-a"], `${proxy.url.replace("http", "ws")}socket`);
    await running.printed(/^conversation /m);
    proxy.stall();
    proxy.cut();
    await running.printed(/connection lost/);
    running.say("Hello");
    await running.printed(/not connected: this is sent/);
    return { proxy, running };
  }

  it("sends what was typed meanwhile when the connection is back", async () => {
    const { proxy, running } = await lost();
    server.model.nextFor(isText, "Here I am.");
    proxy.resume();
    const { answers, notes, code } = await running.end();
    expect(answers).toBe("Here I am.\n");
    expect(notes).not.toContain("not sent");
    expect(code).toBe(0);
  });

  it("says what was not sent if it is ended meanwhile", async () => {
    const { running } = await lost();
    running.child.kill("SIGINT");
    await running.printed(/Ctrl\+C again quits/);
    running.child.kill("SIGINT");
    await running.printed(/not sent, or not confirmed: Hello/);
    expect((await running.ended()).code).toBe(0);
  });
});

it("the chat ends without an error when nobody reads its answers any more", async () => {
  const child = spawn(process.execPath, [program, "--api-key", "key-a"], {
    env: { ...inherited(), CHAT_URL: server.url },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdout.destroy();
  child.stdin.write("Hello\n");
  const [notes, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(notes).not.toContain("EPIPE");
  expect(code).toBe(0);
});

describe("a chat that cannot start", () => {
  async function owned(): Promise<string> {
    await using client = await server.connect();
    await client.join("owned");
    return server.url;
  }

  it.each([
    ["a refused key", ["--api-key", "wrong"], () => server.url, "/socket refused the API key.", 1],
    ["no key", [], () => server.url, "An API key is needed", 2],
    [
      "no server",
      ["--api-key", "key-a"],
      async () => (await refusingUrl()).replace("http", "ws"),
      "cannot be reached",
      1,
    ],
    [
      "another server",
      ["--api-key", "key-a"],
      () => server.model.url.replace("http", "ws"),
      "not a conversation server",
      1,
    ],
    ["a conversation of another user", ["--api-key", "key-b", "--conversation", "owned"], owned, "another user", 1],
    ["an unknown option", ["--nonsense"], () => server.url, "--nonsense", 2],
  ])("the terminal chat ends with a message at %s", async (_case, args, url, words, expected) => {
    const { notes, code } = await chat(args, await url()).ended();
    expect(notes).toContain(words);
    expect(code).toBe(expected);
  });
});

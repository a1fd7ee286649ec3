import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";

import type { ConversationStore, Turn, TurnState } from "../../packages/client/conversation.ts";
import { size } from "../support/size.ts";
import { start, unlimited } from "../support/start.ts";
import { tcpProxy } from "../support/tcp-proxy.ts";
import { page } from "./support.ts";

const server = await start(unlimited);
afterAll(() => server.close());

const simple = { options: { engine: "simple" as const } };
const runs = size(12, 250);

const answerTo = (question: string) => Array.from({ length: 12 }, (_, n) => ` ${question}/${n}`);
server.model.answer(({ user }) => ({ chunks: answerTo(user), chunkDelayMs: 1 }));

const device = fc.nat(2);
const target = fc.nat(5);
/** What happens next: something is done by one of the devices, after so many turns of the event loop. */
const action = fc.tuple(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant("ask"), device }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("edit", "regenerate", "stop"), device, target }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("reset", "prefer", "read store"), device }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("cut", "stall", "resume"), device }) },
  ),
  fc.oneof(fc.nat(5), fc.nat(200)),
);
type Step = typeof action extends fc.Arbitrary<[infer Action, number]> ? Action & { target?: number } : never;

/** A device behind a network of its own. */
async function visitor(id: string) {
  const proxy = await tcpProxy(server.http);
  const own = page(`${proxy.url.replace("http", "ws")}socket`, id);
  const { conversation } = own;
  const begun = new Set<string>();
  conversation.on("thinking", ({ turn_id }) => void begun.add(turn_id));
  let store: ConversationStore | undefined;
  const flaws: unknown[] = [];

  /** What must hold at every moment. */
  function check({ turns, turnIds }: { turns: readonly TurnState[]; turnIds: (string | undefined)[] }): void {
    const known = turnIds.filter((turnId) => turnId !== undefined);
    if (new Set(known).size < known.length) flaws.push(["a turn is there twice", turns]);
    if (new Set(turns.map(({ key }) => key)).size < turns.length) flaws.push(["a key is there twice", turns]);
    for (const { query, text, parts } of turns) {
      // A device that joins while a turn waits learns of its message from the history.
      if (query !== "" && !answerTo(query).join("").startsWith(text))
        flaws.push(["a text is not a part of the answer", query, text]);
      const texts = parts.flatMap((part) => (part.type === "text" ? part.text : []));
      if (texts.join() !== text) flaws.push(["text and parts differ", query, text, parts]);
    }
  }

  return {
    conversation,
    begun,
    proxy,
    flaws,
    readStore(): ConversationStore {
      if (store) return store;
      const read = conversation.store;
      store = read;
      read.subscribe(() => {
        const { turns } = read.getSnapshot();
        check({ turns, turnIds: turns.map(({ turn_id }) => turn_id) });
      });
      return read;
    },
    async [Symbol.asyncDispose]() {
      proxy.resume();
      await own[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

type Visitor = Awaited<ReturnType<typeof visitor>>;

function act(step: Step, { conversation, begun, proxy, readStore }: Visitor, name: string): Turn | undefined {
  const turnId = [...begun].at(-1 - (step.target ?? 0));
  switch (step.do) {
    case "ask":
      return conversation.ask(name, simple);
    case "edit":
      return turnId === undefined ? undefined : conversation.edit(turnId, name, simple);
    case "regenerate":
      return conversation.regenerate({ turn_id: turnId });
    case "stop":
      conversation.stop(turnId).catch(() => {}); // it may be lost with the connection
      break;
    case "reset":
      conversation.push("new_conversation", {}).catch(() => {});
      break;
    case "prefer":
      conversation.setPreferences({ language: name }).catch(() => {});
      break;
    case "read store":
      readStore();
      break;
    case "cut":
      proxy.cut();
      break;
    case "stall":
      proxy.stall();
      proxy.cut();
      break;
    default:
      proxy.resume();
  }
  return undefined;
}

const shown = (turns: readonly Pick<TurnState, "turn_id" | "query" | "status" | "text">[]) =>
  turns.map(({ turn_id, query, status, text }) => `${turn_id} ${query} ${status} ${text}`);

function differences(store: string[], history: string[]): (string | undefined)[][] {
  const longer = store.length > history.length ? store : history;
  return longer.flatMap((_, at) => (store[at] === history[at] ? [] : [[store[at], history[at]]]));
}

it(`after whatever happens, every store shows the server's history (${runs} runs)`, { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 14 }), async (steps) => {
      const id = randomUUID();
      await using one = await visitor(id);
      await using two = await visitor(id);
      await using three = await visitor(id);
      const visitors = [one, two, three];
      one.readStore();
      await one.conversation.joined;
      const asked: Turn[] = [];
      for (const [at, [step, ticks]] of steps.entries()) {
        const visitor = visitors[step.device] ?? one;
        const turn = act(step, visitor, `q${at}`);
        if (turn) asked.push(turn);
        for (let tick = 0; tick < ticks; tick += 1) await new Promise((resolve) => setImmediate(resolve));
      }
      for (const { proxy } of visitors) proxy.resume();
      await Promise.allSettled(asked.map(({ response }) => response));
      await using reader = page(server.url, id);
      for (const { readStore, flaws } of visitors) {
        await expect
          .poll(async () => {
            const { turns } = await reader.conversation.push("get_history", { limit: 200 });
            const accepted = readStore()
              .getSnapshot()
              .turns.filter(({ status }) => status !== "refused");
            const history = shown(turns.map(({ response, ...turn }) => ({ ...turn, text: response })));
            const isQuiet = !/running|queued/.test(history.join());
            return { isQuiet, differs: differences(shown(accepted), history) };
          })
          .toEqual({ isQuiet: true, differs: [] });
        expect(flaws).toEqual([]);
      }
    }),
    { numRuns: runs, endOnFailure: true },
  );
});

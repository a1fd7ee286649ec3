import { expect, it } from "vitest";

import { Viewer } from "../../src/channel/viewer.ts";
import type { Member } from "../../src/phoenix/channel.ts";
import type { Turn } from "../../src/store/turns.ts";
import type { LiveEvent } from "../../src/turns/bus.ts";
import { LiveTurn } from "../../src/turns/live-turn.ts";
import { bounded, pieces } from "../../src/turns/pieces.ts";
import { outcomeOf, requestOf } from "../store/contract/chat.ts";

const rounds = 1_000;
const whole = { text: "word ".repeat(rounds), thoughts: "hm, ".repeat(rounds) };

/** A member that shows reasoning, of a conversation whose turn has ended in the store. */
function member({ congested = false } = {}) {
  const pushed: unknown[][] = [];
  const read = Promise.withResolvers<void>();
  let isCongested = congested;
  const member = {
    topic: "conversation:c",
    assigns: undefined,
    get congested() {
      return isCongested;
    },
    push: (event: string, payload: object) => void pushed.push([event, payload]),
    share() {},
    stop() {},
    crash: () => void pushed.push(["crash"]),
    whenWritable: (callback: () => void) => void read.promise.then(callback),
  } satisfies Member<unknown>;
  const outcome = outcomeOf(whole.text);
  const row = { id: "t", request: requestOf("q"), outcome, isSuperseded: false } as Turn; // all that is read of it
  const viewer = new Viewer(
    {
      store: { history: { turn: async () => row, reasoning: async () => whole.thoughts } },
      deliveries: { acknowledged() {}, async markSent() {} },
    },
    member,
    "c",
    true,
  );
  function resume(): void {
    isCongested = false;
    read.resolve();
  }
  return { pushed, viewer, resume };
}

/** A member that reads nothing while the model thinks and writes by turns, more often than events may wait for it. */
function slowMember() {
  const { viewer, ...slow } = member({ congested: true });
  const turn = new LiveTurn("t", "q", 0);
  viewer.open([], () => {});
  for (let round = 0; round < rounds; round += 1) {
    const thought = { restarts: 0, offset: turn.reasoning?.length ?? 0, text: "hm, " };
    turn.think(thought);
    viewer.see({ type: "reasoning", turnId: "t", ...thought }, turn);
    const piece = { restarts: 0, offset: turn.answer.length, text: "word " };
    turn.answer.append(piece);
    viewer.see({ type: "text", turnId: "t", ...piece }, turn);
  }
  return { ...slow, see: (event: LiveEvent) => viewer.see(event, turn) };
}

const merged = [
  ["reasoning_delta", { turn_id: "t", offset: 0, text: whole.thoughts }],
  ["response_delta", { turn_id: "t", offset: 0, text: whole.text }],
];

it("a slow member gets reasoning and text that came by turns as one piece each", async () => {
  const { pushed, resume } = slowMember();
  resume();
  await expect.poll(() => pushed).toEqual(merged);
});

it("a member that reads only after the turn has ended gets its reasoning and text from the store, then its end", async () => {
  const { pushed, see, resume } = slowMember();
  see({ type: "ended", turnId: "t", terminal: { event: "response", payload: { turn_id: "t" } }, isSent: true });
  resume();
  await expect.poll(() => pushed).toEqual([...merged, ["response", expect.objectContaining({ turn_id: "t" })]]);
});

it("a member with a cursor in an attempt that crashed is told to discard the reasoning, as long as there is none", () => {
  const { pushed, viewer } = member();
  viewer.open([], () => viewer.catchUp(new LiveTurn("t", "q", 1), 3));
  expect(pushed.slice(1)).toEqual([["reasoning_delta", { turn_id: "t", offset: 0, text: "", restart: true }]]);
});

it("a text that exceeds its limit is cut between two characters, which is reported once, and starts anew after a restart", () => {
  const told: object[] = [];
  let exceeded = 0;
  const text = bounded(
    pieces(0, (restarts, offset, text) => told.push({ restarts, offset, text })),
    9,
    () => {
      exceeded += 1;
    },
  );
  for (const piece of ["世界", "👩‍🚀", "a", "b"]) text.add(piece);
  text.restart();
  text.add("世界");
  expect(exceeded).toBe(1);
  expect(told).toEqual([
    { restarts: 0, offset: 0, text: "世界" },
    { restarts: 1, offset: 0, text: "世界" },
  ]);
});

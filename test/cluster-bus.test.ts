import fc from "fast-check";
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest";

import { BusNode, conversationId, type Run, shownOf, Truth, Wires } from "./support/bus-nodes.ts";
import { size } from "./support/size.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const names = ["a", "b", "c"];
const node = fc.nat({ max: names.length - 1 });

/** What happens next. Nodes that are cut off still run their turns, because the claims are in the database. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("begin" as const), node }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("say" as const), text: fc.string({ maxLength: 200 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("end" as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant("lose" as const), node, count: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cut" as const), node }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("mend" as const), node }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("die" as const), node }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(0, 1, 30, 60, 400, 1500) }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Plays the steps on three nodes, each with a member that stays. */
async function play(steps: readonly Step[]) {
  const [wires, truth] = [new Wires(), new Truth()];
  const nodes = await Promise.all(names.map((name) => joined(name, wires, truth)));
  let run: Run | undefined;
  let lives = 0;

  for (const one of steps) {
    const at = "node" in one ? nodes[one.node] : undefined;
    if (one.type === "begin" && at && !run) run = at.run(truth.begin("?"));
    if (one.type === "say") run?.say(one.text);
    if (one.type === "restart") run?.restart();
    if (one.type === "end") {
      run?.end();
      run = undefined;
    }
    if (one.type === "lose" && at) wires.losses.set(at.id, one.count);
    if (one.type === "cut" && at) wires.cut(at.id);
    if (one.type === "mend" && at) wires.mend(at.id);
    if (one.type === "wait") await vi.advanceTimersByTimeAsync(one.ms);
    if (one.type === "die" && at) {
      lives += 1;
      at.kill();
      nodes[one.node] = await joined(`${names[one.node]}${lives}`, wires, truth);
      if (run?.node !== at) continue;
      run.turn.attempt += 1;
      run = nodes[(one.node + 1) % nodes.length]?.run(run.turn);
    }
  }

  for (const { id } of nodes) {
    if (wires.losses.has(id)) wires.cut(id); // Redis loses nothing on a connection that stays
    wires.losses.delete(id);
    wires.mend(id);
  }
  run?.say("The last words.");
  await vi.advanceTimersByTimeAsync(12_000);
  const spoken = run?.node.live.running(conversationId)?.answer.text();
  for (const { bus } of nodes) bus.close();
  return { nodes, truth, run, spoken };
}

async function joined(name: string, wires: Wires, truth: Truth): Promise<BusNode> {
  const started = new BusNode(name, wires, truth);
  const joining = started.join();
  await vi.advanceTimersByTimeAsync(700);
  await joining;
  return started;
}

const wait = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function two() {
  const [wires, truth] = [new Wires(), new Truth()];
  const [speaker, watcher] = [await joined("speaker", wires, truth), await joined("watcher", wires, truth)];
  onTestFinished(() => {
    for (const { bus } of [speaker, watcher]) bus.close();
  });
  const textOf = (turnId: string) => shownOf(turnId, watcher.seen).text;
  return { wires, truth, speaker, watcher, textOf };
}

it("pieces of text arrive together, 50 ms or 128 units later", async () => {
  const { speaker, truth, textOf } = await two();
  const run = speaker.run(truth.begin("?"));
  await wait(0);
  const before = speaker.bus.counters.published;
  for (let at = 0; at < 10; at += 1) run.say("word ");
  await wait(49);
  expect(textOf("turn-1")).toBe("");
  await wait(1);
  expect(textOf("turn-1")).toBe("word ".repeat(10));
  expect(speaker.bus.counters).toMatchObject({ published: before + 1, mergedDeltas: 9 });
  run.say("x".repeat(128));
  await wait(0);
  expect(textOf("turn-1")).toHaveLength(50 + 128);
});

it("nothing is published as long as no other node listens, and what was said is told when one does", async () => {
  const [wires, truth] = [new Wires(), new Truth()];
  const alone = await joined("alone", wires, truth);
  const before = alone.bus.counters.published;
  const run = alone.run(truth.begin("?"));
  for (let at = 0; at < 100; at += 1) run.say("word ");
  await wait(1000);
  expect(alone.bus.counters.published).toBe(before);
  const late = await joined("late", wires, truth);
  expect(shownOf("turn-1", late.seen).text).toBe("word ".repeat(100));
  run.end();
  await wait(0);
  expect(shownOf("turn-1", late.seen)).toEqual({ text: "word ".repeat(100), ends: 1 });
  for (const { bus } of [alone, late]) bus.close();
});

it("a lost message is noticed with the next one", async () => {
  const { wires, speaker, truth, textOf } = await two();
  const run = speaker.run(truth.begin("?"));
  run.say("One ");
  await wait(300);
  wires.losses.set("watcher", 1);
  run.say("two ");
  await wait(60);
  run.say("three.");
  await wait(60);
  expect(textOf("turn-1")).toBe("One two three.");
});

it("an end that was lost is noticed with the next message, and told before it", async () => {
  const { wires, speaker, watcher, truth, textOf } = await two();
  const run = speaker.run(truth.begin("?"));
  run.say("First.");
  await wait(300);
  wires.losses.set("watcher", 1);
  run.end();
  await wait(0);
  const next = speaker.run(truth.begin("And?"));
  next.say("Second.");
  await wait(260);
  expect(textOf("turn-1")).toBe("First.");
  expect(textOf("turn-2")).toBe("Second.");
  const events = watcher.seen.filter(({ event }) => event.startsWith("response"));
  expect(events.map(({ payload }) => payload.turn_id)).toEqual(["turn-1", "turn-1", "turn-2"]);
});

it.each([1, 2])("what was lost of a node that leaves is looked up at once: %i messages", async (lost) => {
  const { wires, speaker, watcher, truth } = await two();
  const third = new BusNode("third", wires, truth);
  const run = third.run(truth.begin("?"));
  await wait(300);
  wires.losses.set("watcher", lost);
  run.say("Said.".repeat(30));
  await wait(0);
  run.end(); // nobody else listens on its node, so it leaves
  await wait(10);
  expect(shownOf("turn-1", watcher.seen)).toEqual({ text: "Said.".repeat(30), ends: 1 });
  expect(shownOf("turn-1", speaker.seen).ends).toBe(1);
  third.bus.close();
});

it("what a node could not say is known as soon as it is connected again", async () => {
  const { wires, speaker, watcher, truth } = await two();
  wires.cut("speaker");
  const run = speaker.run(truth.begin("?"));
  run.say("Said alone.");
  run.end();
  await wait(1000);
  expect(watcher.seen.filter(({ event }) => event === "response")).toEqual([]);
  wires.mend("speaker");
  await wait(0);
  expect(shownOf("turn-1", watcher.seen)).toEqual({ text: "Said alone.", ends: 1 });
});

it("the words of a node that has lost its turn reach nobody", async () => {
  const { wires, speaker, watcher, truth, textOf } = await two();
  const turn = truth.begin("?");
  const former = speaker.run(turn);
  former.say("Never ");
  await wait(60);
  turn.attempt = 2;
  const third = await joined("third", wires, truth);
  const run = third.run(turn);
  run.say("Whole.");
  await wait(60);
  former.say("heard.");
  await wait(60);
  expect(textOf("turn-1")).toBe("Whole.");
  expect(shownOf("turn-1", speaker.seen).text).toBe("Whole.");
  run.end();
  await wait(100);
  for (const { seen } of [speaker, watcher]) expect(shownOf("turn-1", seen)).toEqual({ text: "Whole.", ends: 1 });
  third.bus.close();
});

it("whatever is lost, every member that stays has the speaker's text in the end, and each end exactly once", {
  timeout: 240_000,
}, async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40, size: "max" }), async (steps) => {
    const { nodes, truth, run, spoken } = await play(steps);
    for (const { id, seen, joinedAt } of nodes.map(withJoin)) {
      for (const turn of truth.turns) {
        const { text, ends } = shownOf(turn.id, seen);
        if (run?.turn === turn) expect(text, `${id}: ${turn.id}`).toBe(spoken);
        else if (turn.seq > joinedAt) {
          expect(ends, `${id}: ends of ${turn.id}`).toBe(1);
          expect(text, `${id}: text of ${turn.id}`).toBe(turn.outcome?.response);
        }
      }
    }
  });
  await fc.assert(property, { numRuns: size(400, 20_000) });
});

const withJoin = (one: BusNode) => ({ id: one.id, seen: one.seen, joinedAt: one.knownAtJoin });

import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

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

it("whatever is lost, every member that stays has the speaker's text in the end, and each end exactly once", {
  timeout: 240_000,
}, async () => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
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
  await fc.assert(property, { numRuns: size(300, 5000) });
});

const withJoin = (one: BusNode) => ({ id: one.id, seen: one.seen, joinedAt: one.knownAtJoin });

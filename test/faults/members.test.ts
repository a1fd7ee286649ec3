import { expect, it } from "vitest";

import type { BacklogServices } from "../../src/channel/backlog.ts";
import { Viewer } from "../../src/channel/viewer.ts";
import type { Member } from "../../src/phoenix/channel.ts";
import { LiveTurn } from "../../src/turns/live-turn.ts";

const services: BacklogServices = {
  store: { history: { turn: async () => undefined, reasoning: async () => undefined } },
  deliveries: { acknowledged() {}, async markSent() {} },
};

/** A member that does not read until it is told to. More than a hundred frames fail the test. */
function slowMember() {
  const pushed: { event: string; payload: object }[] = [];
  let resume = () => {};
  let congested = true;
  const member = {
    topic: "conversation:c",
    assigns: undefined,
    get congested() {
      return congested;
    },
    push(event: string, payload: object) {
      if (pushed.length > 100) throw new Error("far too many frames");
      pushed.push({ event, payload });
    },
    share() {},
    stop() {},
    crash() {},
    whenWritable(callback: () => void) {
      resume = callback;
    },
    seen: () => pushed.map(({ event }) => event),
  } satisfies Member<unknown> & { seen(): string[] };
  return {
    member,
    /** Starts to read, and returns what it gets. */
    read() {
      congested = false;
      resume();
      return pushed.filter(({ event }) => event === "response_delta").map(({ payload }) => payload);
    },
  };
}

/** A member joins when this much of the answer has arrived, and reads when the answer is complete. */
function joinedIn(before: string, after: string[]) {
  const turn = new LiveTurn("t", "q", 0);
  const { member, read } = slowMember();
  const viewer = new Viewer(services, member, "c");
  turn.answer.append({ restarts: 0, text: before });
  viewer.open([], () => viewer.catchUp(turn, undefined));
  for (const text of after) {
    const offset = turn.answer.length;
    turn.answer.append({ restarts: 0, text });
    viewer.see({ type: "text", turnId: "t", restarts: 0, offset, text }, turn);
  }
  return read();
}

it("a member that joins early and reads late gets the answer in few pieces", () => {
  const rest = Array.from({ length: 1_000 }, () => "word ");
  expect(joinedIn("A", rest)).toEqual([{ turn_id: "t", offset: 0, text: `A${rest.join("")}`, restart: true }]);
});

it("a member that joins in the middle of a surrogate pair gets the whole character", () => {
  const [first = "", second = ""] = "😀".split("");
  expect(joinedIn(first, [second])).toEqual([{ turn_id: "t", offset: 0, text: "😀", restart: true }]);
});

it("a member gets only the current stage of a running turn, not those from before it joined", () => {
  const { member, read } = slowMember();
  const viewer = new Viewer(services, member, "c");
  const turn = new LiveTurn("t", "q", 0);
  for (const stage of ["routed", "answering"]) {
    turn.stage = { stage };
    viewer.see({ type: "stage", turnId: "t", stage: turn.stage }, turn);
  }
  turn.answer.append({ restarts: 0, text: "hello" });
  viewer.open([], () => viewer.catchUp(turn, undefined));
  expect(read()).toEqual([{ turn_id: "t", offset: 0, text: "hello", restart: true }]);
  expect(member.seen()).toEqual(["thinking", "response_delta"]);
});

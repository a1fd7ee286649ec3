import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { start, unlimited } from "../support/start.ts";
import { seeded, tcpProxy } from "../support/tcp-proxy.ts";
import { answers } from "./support/answers.ts";
import { broken } from "./support/proof.ts";
import { type Talk, talk } from "./support/talk.ts";

/** A server alone, so that nothing is in doubt but the proof. */
const server = await start(unlimited);
afterAll(() => server.close());

describe("the proof that no promise was broken", () => {
  const told = answers(server.model, { words: 8, everyMs: 15, stepMs: 10 });
  const talks: Talk[] = [];

  beforeAll(async () => {
    const random = seeded(1);
    const proxy = await tcpProxy(server.http);
    const faults = proxy.faults({ random, kinds: ["cut"], everyMs: 150 });
    const url = `${proxy.url.replace("http", "ws")}socket`;
    const shared = { url, kinds: ["cursor", "plain"] as const, random, turns: 5, isImpatient: true };
    const begun = ["simple", "complex"].map((engine) =>
      talk({ ...shared, kinds: [...shared.kinds], id: `proof-${engine}`, engine }),
    );
    talks.push(...(await Promise.all(begun)));
    await faults.stop();
    for (const { members } of talks) for (const member of members) await member.close();
    await proxy.close();
  });

  /** What the proof says after a change to what was seen. */
  function after(change: (talk: Talk) => void): string[] {
    const [first] = talks;
    if (!first) throw new Error("no talk");
    const copy = {
      ...first,
      asked: structuredClone(first.asked),
      history: structuredClone(first.history),
      members: first.members.map((one) => ({ ...one, events: structuredClone(one.events) })),
    };
    change(copy);
    return broken([copy], told);
  }

  it("finds nothing where nothing was broken, though clients came and went", () => {
    expect(talks.flatMap(({ members }) => members.map(({ joins }) => joins.length)).some((joins) => joins > 1)).toBe(
      true,
    );
    expect(broken(talks, told)).toEqual([]);
  });

  it.each<[string, (talk: Talk) => void, string]>([
    ["a lost turn", ({ history }) => history.pop(), "acknowledged were"],
    ["a doubled turn", ({ history }) => history.push(...history.slice(0, 1)), "acknowledged were"],
    ["two turns in another order", ({ history }) => history.reverse(), "acknowledged were"],
    [
      "an end that was not told",
      ({ members }) => {
        const events = members[0]?.events ?? [];
        events.splice(
          events.findIndex(({ event }) => event === "response"),
          1,
        );
      },
      "did not end",
    ],
    [
      "an end that was told twice",
      ({ members }) => {
        const events = members[0]?.events ?? [];
        events.push(...events.filter(({ event }) => event === "response").slice(0, 1));
      },
      "ended 2 times",
    ],
    [
      "a piece that was lost",
      ({ members }) => {
        const events = members[1]?.events ?? [];
        events.splice(
          events.findIndex(({ event, payload }) => event === "response_delta" && payload.offset > 0),
          1,
        );
      },
      "has offset",
    ],
    [
      "words of another attempt",
      ({ members }) => {
        const delta = members[1]?.events.findLast(({ event }) => event === "response_delta");
        if (delta) delta.payload.text = delta.payload.text.replaceAll(/./g, "x");
      },
      "was shown as",
    ],
  ])("finds %s", (_, change, found) => {
    expect(after(change).join("\n")).toContain(found);
  });

  it("finds a step that was asked for again", () => {
    const steps = told.requests.filter(({ structured }) => structured);
    const again = [...told.requests, ...steps.slice(0, 1)];
    expect(broken(talks, { ...told, requests: again }).join("\n")).toContain("asked again");
  });
});

import { pino } from "pino";
import { expect, it } from "vitest";

import { ModelFailure } from "../graphs/failure.ts";
import { failureLog } from "../src/turns/failure-log.ts";

function watched() {
  const lines: Record<string, unknown>[] = [];
  const clock = { now: 0 };
  const log = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, clock, failures: failureLog(log, () => clock.now) };
}

const wrongKey = (model: string) =>
  new ModelFailure("model_unavailable", "The model server answered 401.", {
    help: "Check the key.",
    diagnosis: { model, address: "http://model.example", status: 401, said: `Request ${Math.random()} was refused` },
  });
const turn = (turn_id: string) => ({ turn_id, engine: "simple", code: "model_unavailable" });

it("a trouble is told once a minute for each server and model, with the number of turns in between", () => {
  const { lines, clock, failures } = watched();
  for (const at of [0, 1_000, 59_000, 61_000, 62_000]) {
    clock.now = at;
    failures.turn(turn(`t${at}`), wrongKey("one"), []);
  }
  failures.turn(turn("other"), wrongKey("two"), []);
  expect(lines.map(({ turn_id, help, untold }) => ({ turn_id, help, untold }))).toEqual([
    { turn_id: "t0", help: "Check the key." },
    { turn_id: "t1000" },
    { turn_id: "t59000" },
    { turn_id: "t61000", help: "Check the key.", untold: 2 },
    { turn_id: "t62000" },
    { turn_id: "other", help: "Check the key." },
  ]);
});

it("steps and summaries that fail for a reason that was told leave no line above debug", () => {
  const { lines, failures } = watched();
  const failure = { code: "model_unavailable" as const, model: "one" };
  for (let at = 0; at < 100; at += 1) {
    failures.steps(`t${at}`, [{ step: "plan", failure, cause: wrongKey("one") }]);
    failures.summary("s", wrongKey("one"));
    failures.steps(`t${at}`, [{ step: "plan", failure: { code: "unusable_reply", model: "one" }, cause: undefined }]);
  }
  expect(lines).toHaveLength(2);
});

it("errors of the program itself are logged with their stack each time", () => {
  const { lines, failures } = watched();
  for (const id of ["a", "b"]) failures.turn({ ...turn(id), code: "internal" }, new Error("bug"), []);
  expect(lines.map(({ err }) => err)).toEqual([expect.anything(), expect.anything()]);
});

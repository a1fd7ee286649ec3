import type { CrashPoint } from "../../support/crash-point.ts";
import type { ScenarioName } from "./scenarios.ts";

/** Where the process dies, in which scenario, and what may follow from it. */
export interface Point {
  name: string;
  scenario: ScenarioName;
  crash: CrashPoint;
  /** Of the scenario's question; `analysis` unless said otherwise. Empty: the router asks the model. */
  engine?: string;
  /** What the same message id, sent again for want of an `ok`, is answered with. */
  duplicate?: boolean;
  /** How the scenario's question may have ended; `completed` unless said otherwise. */
  statuses?: string[];
  /** The requests that the turn still takes, exactly; unless said otherwise no structured one that was asked before. */
  requestsLeft?: number;
  /** The questions that are in the history after all; those that were asked unless said otherwise. */
  history?: string[];
  /** True when another turn stands in the place of the one that was asked. */
  replaced?: boolean;
  /** Where it dies once more, in the life after. */
  again?: CrashPoint;
  /** True when the model is told a summary of the oldest turns. */
  condensed?: boolean;
  /** By how much `crash.count` grows from round to round; nothing unless said otherwise. */
  countStep?: number;
}

const accepted = "^commit: .*INSERT INTO turns";
const claimed = "^commit: UPDATE turns SET status = 'running'";
const stepKept = "^commit: .*INSERT OR REPLACE INTO steps";
const checkpointPut = "^INSERT OR REPLACE INTO checkpoints";
const writesPut = "^commit: INSERT OR (IGNORE|REPLACE) INTO writes";
const ended = "^commit: .*UPDATE turns SET status = \\?, outcome";
const delivered = "^UPDATE turns SET delivery";
const sessionRenewed = "^commit: .*INSERT INTO sessions .*UPDATE turns SET status = 'stopped'";
const threadForgotten = "^commit: DELETE FROM checkpoints WHERE thread_id = \\?;";
const frame = (event: string) => `^send: [^{]*"${event}",`;
const acknowledged = `${frame("phx_reply")}{"status":"ok","response":{"turn_id"`;

const before = (deed: string, count = 1): CrashPoint => ({ when: "before", deed, count });
const after = (deed: string, count = 1): CrashPoint => ({ when: "after", deed, count });

function inScenario(scenario: ScenarioName, crashes: Record<string, CrashPoint>, facts: Partial<Point> = {}): Point[] {
  return Object.entries(crashes).map(([name, crash]) => ({ name: `${scenario}: ${name}`, scenario, crash, ...facts }));
}

/** How many steps a turn of each engine takes here, the router's for a turn that names none. */
const steps = { "": 1, complex: 3, analysis: 1, generation: 2, problem_solving: 1 };

/** Each step, just before it is kept and just after: what was not kept, and the answer, are still to be asked. */
function stepPoints(): Point[] {
  return Object.entries(steps).flatMap(([engine, count]) =>
    Array.from({ length: count }, (_, kept) => {
      const name = `step ${kept + 1} of ${engine || "the router"}`;
      const crashes = [
        { name: `${name}: before it is kept`, crash: before(stepKept, kept + 1), requestsLeft: count - kept + 1 },
        { name: `${name}: after it was kept`, crash: after(stepKept, kept + 1), requestsLeft: count - kept },
      ];
      return crashes.map((crash) => ({ ...crash, scenario: "ask" as const, engine }));
    }).flat(),
  );
}

/** The answers here are sent in eight pieces to each member: a round each for their beginning, middle and end. */
const inAnswer = { countStep: 4 };
const stoppedOrNot = { statuses: ["completed", "stopped"] };
const failed = { statuses: ["failed"] };

/** Two members watch, so a frame to both is sent twice. */
export const points: Point[] = [
  ...inScenario("ask", { "before the message is on disk": before(accepted) }, { duplicate: false }),
  ...inScenario("ask", { "on disk, before the reply": after(accepted) }, { duplicate: true }),
  ...inScenario("ask", {
    "after the reply": after(acknowledged),
    "before the checkpoint": before(checkpointPut),
    "after the checkpoint, before the outcome": after(checkpointPut),
    "before the outcome's commit": before(ended),
    "after the outcome's commit, before anybody is told": after(ended),
    "told to one member, before that is noted": after(frame("response"), 1),
    "told to one member, and noted": after(delivered, 1),
    "told to both members, and noted": after(delivered, 2),
  }),
  ...inScenario(
    "ask",
    {
      "in the middle of the answer, then before the checkpoint": after(frame("response_delta"), 5),
      "before the checkpoint, twice": before(checkpointPut),
    },
    { again: before(checkpointPut) },
  ),
  ...inScenario("ask", { "before the outcome's commit, twice": before(ended) }, { again: before(ended) }),
  ...inScenario("ask", { "in the middle of the answer": after(frame("response_delta"), 5) }, inAnswer),
  ...inScenario("queue", { "in the middle of the second answer": after(frame("response_delta"), 21) }, inAnswer),
  ...inScenario(
    "regenerate",
    { "in the middle of the answer": after(frame("response_delta"), 5) },
    { ...inAnswer, replaced: true },
  ),
  ...stepPoints(),
  ...inScenario("queue", {
    "before the waiting turn is claimed": before(claimed, 2),
    "after the waiting turn was claimed": after(claimed, 2),
  }),
  ...inScenario(
    "stop",
    {
      "aborted, nothing written": before(checkpointPut),
      "after the aborted run's checkpoint": before(writesPut),
      "between writes and checkpoint": after(writesPut),
      "after the checkpoint, before the outcome": after(checkpointPut, 2),
      "before the outcome's commit": before(ended),
    },
    stoppedOrNot,
  ),
  ...inScenario("stop", { "after the outcome's commit": after(ended) }, { statuses: ["stopped"] }),
  ...inScenario(
    "fail",
    {
      "between writes and checkpoint": after(writesPut),
      "before the outcome's commit": before(ended),
      "after the outcome's commit": after(ended),
    },
    failed,
  ),
  ...inScenario("reset", { "before its commit": before(sessionRenewed) }),
  ...inScenario(
    "reset",
    {
      "after its commit": after(sessionRenewed),
      "before the thread is forgotten": before(threadForgotten),
      "before anybody is told": after(threadForgotten),
      "told to one member": after(frame("conversation_reset")),
    },
    { history: [] },
  ),
  ...inScenario("regenerate", { "before its commit": before(accepted) }),
  ...inScenario(
    "regenerate",
    {
      "superseded, before the reply": after(accepted),
      "before the rewind's writes": before(writesPut),
      "between the rewind's writes and its checkpoint": after(writesPut),
      "between rewind and run": after(checkpointPut),
      "after the checkpoint, before the outcome": after(checkpointPut, 2),
    },
    { replaced: true },
  ),
  ...inScenario(
    "regenerate",
    { "between the rewind's writes and its checkpoint, twice": after(writesPut) },
    { replaced: true, again: after(writesPut) },
  ),
  ...inScenario(
    "edit",
    {
      "superseded, before the reply": after(accepted),
      "between the rewind's writes and its checkpoint": after(writesPut),
      "between rewind and run": after(checkpointPut),
    },
    { replaced: true, history: ["What else?"] },
  ),
  ...inScenario(
    "replace",
    {
      "the former turn stopped, before the new one is on disk": before(accepted),
      "before the former turn's end is on disk": before(ended),
    },
    { ...stoppedOrNot, duplicate: false },
  ),
  ...inScenario(
    "condense",
    {
      "before the summary's writes": before(writesPut),
      "between the summary's writes and its checkpoint": after(writesPut),
      "after the summary's checkpoint": after(checkpointPut, 2),
    },
    { condensed: true },
  ),
];

import type { CrashPoint } from "../../support/crash-point.ts";
import type { ScenarioName } from "./scenarios.ts";

/** Where the process crashes, in which scenario, and what is expected then. */
export interface Point {
  name: string;
  scenario: ScenarioName;
  crash: CrashPoint;
  /** The engine of the scenario's question. Default: `analysis`; empty lets the router ask the model. */
  engine?: string;
  /** The expected `duplicate` flag when the message is sent again because there was no `ok`. */
  duplicate?: boolean;
  /** Allowed statuses of the scenario's questions. Default: `completed`. */
  statuses?: Record<string, string[]>;
  /** The exact number of further model requests. Default: any, but no structured request is repeated. */
  requestsLeft?: number;
  /** The expected questions in the history. Default: all that were asked. */
  history?: string[];
  /** True if the turn is replaced by another one. */
  replaced?: boolean;
  /** Where the next process crashes too. */
  again?: CrashPoint;
  /** True if the model gets a summary instead of the oldest turns. */
  condensed?: boolean;
  /** How much `crash.count` grows from round to round. Default: 0. */
  countStep?: number;
}

const accepted = "^commit: .*INSERT INTO turns";
/** The claim of a queued turn. Other turns are claimed in the commit that accepts them. */
const claimed = "^commit: .*UPDATE turns SET status = 'running'";
const stepKept = "^commit: .*INSERT OR REPLACE INTO steps";
const ended = "^commit: .*UPDATE turns SET status = \\?, outcome = .* beginning = \\?";
const endedWaiting = "^commit: .*UPDATE turns SET status = \\?, outcome = .* beside = \\?";
const delivered = "^commit: .*UPDATE turns SET delivery";
const summaryKept = "^commit: .*UPDATE sessions SET summary = \\?";
const sessionRenewed = "^commit: .*INSERT INTO sessions .*UPDATE turns SET status = 'stopped'";
const frame = (event: string) => `^send: [^{]*"${event}",`;
const acknowledged = `${frame("phx_reply")}{"status":"ok","response":{"turn_id"`;

const before = (deed: string, count = 1): CrashPoint => ({ when: "before", deed, count });
const after = (deed: string, count = 1): CrashPoint => ({ when: "after", deed, count });

function inScenario(scenario: ScenarioName, crashes: Record<string, CrashPoint>, facts: Partial<Point> = {}): Point[] {
  return Object.entries(crashes).map(([name, crash]) => ({ name: `${scenario}: ${name}`, scenario, crash, ...facts }));
}

/** Number of steps per engine; the router counts as the engine "". */
const steps = { "": 1, complex: 3, analysis: 1, generation: 2, problem_solving: 1 };

/** Before and after the commit of each step: what was not committed, and the answer, are requested again. */
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

/** Answers are sent in eight pieces to each member: one round each crashes at their beginning, middle and end. */
const inAnswer = { countStep: 4 };
const stoppedOrNot = { statuses: { "Why?": ["completed", "stopped"] } };
const stopped = { statuses: { "Why?": ["stopped"] } };
const failed = { statuses: { "Why cut?": ["failed"] } };

/** Two members watch, so each frame is sent twice. A commit is synced a moment later, but `kill -9` does not lose what the system has buffered. */
export const points: Point[] = [
  ...inScenario("ask", { "before the message is committed": before(accepted) }, { duplicate: false }),
  ...inScenario(
    "ask",
    { "committed, before it is on disk": after(accepted), "on disk, before the reply": before(acknowledged) },
    { duplicate: true },
  ),
  ...inScenario("ask", {
    "after the reply, before the first word": before(frame("response_delta")),
    "before the outcome's commit": before(ended),
    "after the outcome's commit, before anybody is told": after(ended),
    "told to one member": after(frame("response"), 1),
    "told to both members": after(frame("response"), 2),
  }),
  ...inScenario(
    "ask",
    {
      "in the middle of the answer, then before the outcome's commit": after(frame("response_delta"), 5),
      "before the outcome's commit, twice": before(ended),
    },
    { again: before(ended) },
  ),
  ...inScenario("ask", { "in the middle of the answer": after(frame("response_delta"), 5) }, inAnswer),
  ...inScenario("queue", { "in the middle of the second answer": after(frame("response_delta"), 21) }, inAnswer),
  ...inScenario(
    "regenerate",
    { "in the middle of the answer": after(frame("response_delta"), 5) },
    { ...inAnswer, replaced: true },
  ),
  ...stepPoints(),
  ...inScenario("read", { "before that is noted": before(delivered), noted: after(delivered) }),
  ...inScenario("queueBehind", { "before its commit": before(accepted) }, { duplicate: false }),
  ...inScenario(
    "queueBehind",
    { "committed, before it is on disk": after(accepted), "on disk, before the reply": before(acknowledged) },
    { duplicate: true },
  ),
  ...inScenario("queue", {
    "before the waiting turn is claimed": before(claimed),
    "after the waiting turn was claimed": after(claimed),
  }),
  ...inScenario("stop", { "aborted, before the outcome's commit": before(ended) }, stoppedOrNot),
  ...inScenario(
    "stop",
    { "after the outcome's commit": after(ended), "told to one member": after(frame("response")) },
    stopped,
  ),
  ...inScenario("stopWaiting", { "before its commit": before(endedWaiting) }),
  ...inScenario(
    "stopWaiting",
    { "after its commit": after(endedWaiting), "told to one member": after(frame("response")) },
    { statuses: { "And then?": ["stopped"] } },
  ),
  ...inScenario(
    "fail",
    {
      "before the outcome's commit": before(ended),
      "after the outcome's commit": after(ended),
      "told to one member": after(frame("error")),
    },
    failed,
  ),
  ...inScenario("reset", { "before its commit": before(sessionRenewed) }),
  ...inScenario(
    "reset",
    {
      "committed, before it is on disk": after(sessionRenewed),
      "before anybody is told": before(frame("conversation_reset")),
      "told to one member": after(frame("conversation_reset")),
    },
    { history: [] },
  ),
  ...inScenario("regenerate", { "before its commit": before(accepted) }),
  ...inScenario(
    "regenerate",
    {
      "superseded, before it is on disk": after(accepted),
      "superseded, before the reply": before(acknowledged),
      "before the outcome's commit": before(ended),
      "after the outcome's commit": after(ended),
    },
    { replaced: true },
  ),
  ...inScenario(
    "regenerate",
    { "superseded, then before the outcome's commit": after(accepted) },
    { replaced: true, again: before(ended) },
  ),
  ...inScenario("edit", { "before its commit": before(accepted) }),
  ...inScenario(
    "edit",
    {
      "superseded, before the reply": after(accepted),
      "in the middle of the answer": after(frame("response_delta"), 5),
      "before the outcome's commit": before(ended),
    },
    { replaced: true, history: ["What else?"] },
  ),
  ...inScenario(
    "replace",
    {
      "the former turn stopped, before the new one is committed": before(accepted),
      "before the former turn's end is committed": before(ended),
    },
    { ...stoppedOrNot, duplicate: false },
  ),
  ...inScenario(
    "replace",
    { "after the former turn's end was committed": after(ended) },
    { ...stopped, duplicate: false },
  ),
  ...inScenario(
    "replace",
    { "the new one committed, before it is on disk": after(accepted) },
    { ...stopped, duplicate: true },
  ),
  ...inScenario("condense", { "before the summary's commit": before(summaryKept) }),
  ...inScenario("condense", { "after the summary's commit": after(summaryKept) }, { condensed: true }),
];

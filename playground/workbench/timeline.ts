import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import type { Run } from "./data/run.ts";
import { type NodeState, stateOf } from "./graph-states.ts";
import type { Bar, TimeAxis } from "./time-axis.ts";

/** A node with its runs and the requests to models within them, a tool with its calls, or the times in which the turn waited. */
export interface TimelineRow {
  kind: "node" | "tool" | "wait";
  path: string[];
  runs: Run[];
  calls: Run[];
}

interface TimelineProps {
  rows: TimelineRow[];
  axis: TimeAxis;
  picked: string | undefined;
  pick: (row: string) => void;
}

const words: Record<NodeState, string> = {
  idle: "did not run",
  running: "running",
  waiting: "waits for a person",
  done: "done",
  failed: "failed",
};
const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

export function keyOf({ kind, path }: TimelineRow): string {
  return [kind, ...path].join(".");
}

/** What a row is of, for people. */
export function titleOf({ kind, path }: TimelineRow): string {
  if (kind === "wait") return "Waiting for a person";
  return path.join(" › ");
}

/** The nodes of a turn on one time axis. */
export function Timeline({ rows, axis, picked, pick }: TimelineProps) {
  const hasRuns = rows.some(({ runs }) => runs.length > 0);
  return html`<div class="timeline">
    ${hasRuns && html`<${Scale} axis=${axis} />`}
    <ol class="nodes">
      ${rows.map((row) => {
        const { kind, path, runs } = row;
        const key = keyOf(row);
        const state = stateOf(runs);
        return html`<li key=${key} data-kind=${kind} data-node=${path.at(-1)} data-state=${state}>
          <button
            type="button"
            class=${depthOf(row)}
            aria-pressed=${picked === key ? "true" : "false"}
            onClick=${() => pick(key)}
            onFocus=${() => pick(key)}
          >
            <span class="name">${nameOf(row)}</span>
            <span class="state">${stateWords(state, row)}</span>
            <${Track} row=${row} axis=${axis} />
          </button>
        </li>`;
      })}
    </ol>
    ${
      axis.firstWord !== undefined &&
      hasRuns &&
      html`<p class="about legend">
        <span class="key first-word" aria-hidden="true"></span>
        <span>first word after ${duration(axis.firstWord.ms)}</span>
        <span class="key call" aria-hidden="true"></span>
        <span>requests to a model</span>
      </p>`
    }
  </div>`;
}

function depthOf({ kind, path }: TimelineRow): string {
  return kind === "tool" ? "inmost" : path.length > 1 ? "inner" : "";
}

/** A node of a subgraph is named with those around it. */
function nameOf({ kind, path }: TimelineRow): string {
  if (kind === "wait") return "waiting for a person";
  return kind === "tool" || path.length < 3 ? (path.at(-1) ?? "") : path.slice(1).join(" › ");
}

function stateWords(state: NodeState, { kind, runs, calls }: TimelineRow): string {
  const ms = Math.max(0, ...runs.map((run) => run.ms ?? 0));
  const times = runs.length > 1 ? ` × ${runs.length}` : "";
  const asked = calls.length > 0 ? `, ${calls.length} model call${calls.length > 1 ? "s" : ""}` : "";
  const word = kind === "wait" ? (state === "waiting" ? "waits" : "waited") : words[state];
  return `${word}${times}${state !== "idle" && ms > 0 ? `, ${duration(ms)}` : ""}${asked}`;
}

function Scale({ axis }: { axis: TimeAxis }) {
  return html`<div class="scale" aria-hidden="true">
    ${axis.ticks.map(({ at, words }) => html`<span key=${at} style=${{ left: percent(at) }}>${words}</span>`)}
  </div>`;
}

/** The words beside it say the same, so screen readers leave it out. */
function Track({ row: { runs, calls }, axis }: { row: TimelineRow; axis: TimeAxis }) {
  const bars = [...runs, ...calls].map(axis.barOf);
  return html`<span class="track" aria-hidden="true">
    ${axis.ticks.map(({ at }) => html`<i key=${at} class="tick" style=${{ left: percent(at) }}></i>`)}
    ${bars.map((bar) => html`<${BarView} key=${bar.run.id} ...${bar} />`)}
    ${axis.firstWord !== undefined && html`<i class="first-word" style=${{ left: percent(axis.firstWord.at) }}></i>`}
  </span>`;
}

function BarView({ run, from, to, startMs }: Bar) {
  const names = { node: run.path.at(-1), call: "request to a model", tool: `call of ${run.name}`, wait: "waiting" };
  const took = run.ms === undefined ? "" : `, took ${duration(run.ms)}`;
  return html`<i
    class="bar-of of-${run.kind}"
    data-state=${run.state}
    title=${`${names[run.kind]}: from ${duration(startMs)}${took}`}
    style=${{ left: percent(from), width: percent(to - from) }}
  ></i>`;
}

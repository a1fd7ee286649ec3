import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import type { Run } from "./data/run-log.ts";
import { type NodeState, stateOf } from "./graph-states.ts";
import type { Bar, TimeAxis } from "./time-axis.ts";

/** A node with its runs, and the requests to models within them. */
export interface TimelineRow {
  path: string[];
  runs: Run[];
  calls: Run[];
}

interface TimelineProps {
  rows: TimelineRow[];
  axis: TimeAxis;
  picked: string | undefined;
  pick: (path: string) => void;
}

const words: Record<NodeState, string> = { idle: "did not run", running: "running", done: "done", failed: "failed" };
const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

/** The nodes of a turn on one time axis. */
export function Timeline({ rows, axis, picked, pick }: TimelineProps) {
  const hasRuns = rows.some(({ runs }) => runs.length > 0);
  return html`<div class="timeline">
    ${hasRuns && html`<${Scale} axis=${axis} />`}
    <ol class="nodes">
      ${rows.map((row) => {
        const path = row.path.join(".");
        const state = stateOf(row.runs);
        return html`<li key=${path} data-node=${row.path.at(-1)} data-state=${state}>
          <button
            type="button"
            class=${row.path.length > 1 ? "inner" : ""}
            aria-pressed=${picked === path ? "true" : "false"}
            onClick=${() => pick(path)}
            onFocus=${() => pick(path)}
          >
            <span class="name">${row.path.at(-1)}</span>
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
        <span>first word after ${duration(axis.firstWord * axis.totalMs)}</span>
        <span class="key call" aria-hidden="true"></span>
        <span>requests to a model</span>
      </p>`
    }
  </div>`;
}

function stateWords(state: NodeState, { runs, calls }: TimelineRow): string {
  const ms = Math.max(0, ...runs.map((run) => run.ms ?? 0));
  const times = runs.length > 1 ? ` × ${runs.length}` : "";
  const asked = calls.length > 0 ? `, ${calls.length} model call${calls.length > 1 ? "s" : ""}` : "";
  return `${words[state]}${times}${state !== "idle" && ms > 0 ? `, ${duration(ms)}` : ""}${asked}`;
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
    ${axis.firstWord !== undefined && html`<i class="first-word" style=${{ left: percent(axis.firstWord) }}></i>`}
  </span>`;
}

function BarView({ run, from, to, startMs }: Bar) {
  const what = run.kind === "call" ? "request to a model" : run.path.at(-1);
  const took = run.ms === undefined ? "" : `, took ${duration(run.ms)}`;
  return html`<i
    class="bar-of of-${run.kind}"
    data-state=${run.state}
    title=${`${what}: from ${duration(startMs)}${took}`}
    style=${{ left: percent(from), width: percent(to - from) }}
  ></i>`;
}

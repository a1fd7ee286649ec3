import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { html } from "../html.ts";
import { engineName } from "../session/engines.ts";
import { graphs, hasPath } from "./data/graphs.ts";
import { replays } from "./data/replays.ts";
import { runLog } from "./data/run-log.ts";
import { shownRun } from "./data/shown-run.ts";
import { runsOf } from "./data/shown-runs.ts";
import { loaded, shownTurn } from "./data/turn.ts";
import { GraphFrame } from "./graph-frame.ts";
import { drawnName, statesOf } from "./graph-states.ts";
import { McpView } from "./mcp-view.ts";
import { NodeView } from "./node-view.ts";
import { rowsOf } from "./rows.ts";
import { type Known, timeAxis } from "./time-axis.ts";
import { keyOf, Timeline, type TimelineRow } from "./timeline.ts";

const tickMs = 200;

/** The graph of the conversation or of an engine, and the path of the shown turn through it, on a time axis. */
export function GraphTab() {
  const chosen = useSignal("conversation");
  const isFollowing = useSignal(true);
  const picked = useSignal<string | undefined>(undefined);
  const fault = useSignal("");
  const now = useSignal(performance.now());
  const key = shownRun.value;
  const runs = runsOf(key);
  const isRunning = runs.some(({ state, kind }) => state === "running" || (kind === "wait" && state === "waiting"));
  const graph = graphs.named(chosen.value) ?? graphs.all.value[0];

  useEffect(() => {
    const engine = runs.map(({ path: [name] }) => graphs.named(name)).find(hasPath);
    if (isFollowing.peek() && engine) chosen.value = engine.name;
    return runLog.onBegin((begun, { path: [outer, inner] }) => {
      if (!isFollowing.peek() || begun !== shownRun.peek() || inner !== undefined) return;
      if (outer === "router") chosen.value = "conversation";
      else if (hasPath(graphs.named(outer))) chosen.value = outer ?? "";
    });
  }, [key, runs.length > 0]);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => {
      now.value = performance.now();
    }, tickMs);
    return () => clearInterval(timer);
  }, [isRunning]);

  if (!graph) return html`<p class="about">Loading the graphs…</p>`;
  const rows = rowsOf(graph, runs);
  const shown = rows.find((row) => keyOf(row) === picked.value);
  function pick(node: string) {
    const isPicked = ({ kind, path }: TimelineRow) =>
      kind === "node" && drawnName(path.slice(graph?.name === "conversation" ? 0 : 1).join(":")) === node;
    const row = rows.findLast(isPicked);
    picked.value = row && keyOf(row);
  }

  return html`
    <div>
      <div class="toolbar">
        <label for="graph-chooser">Graph</label>
        <select id="graph-chooser" value=${graph.name} onChange=${(event: Event) => {
          chosen.value = (event.target as HTMLSelectElement).value;
        }}>
          ${graphs.all.value.map(({ name }) => html`<option key=${name} value=${name}>${engineName(name)}</option>`)}
        </select>
        <label class="check">
          <input type="checkbox" checked=${isFollowing.value} onChange=${() => {
            isFollowing.value = !isFollowing.value;
          }} />
          Follow running nodes
        </label>
      </div>
      <p class="problem" role="status">${graphs.fault.value ? `The graphs on disk have an error, so the last good ones stay in use: ${graphs.fault.value}` : fault.value}</p>
      <${GraphFrame}
        mermaid=${graph.mermaid}
        states=${statesOf(graph, runs)}
        picked=${pick}
        failed=${(message: string) => {
          fault.value = `The graph cannot be drawn: ${message}`;
        }}
      />
      <p class="about">${wordsFor(key, shownTurn.value?.id)}</p>
      <${Timeline}
        rows=${rows}
        axis=${timeAxis(runs, now.value, knownOf(key))}
        picked=${picked.value}
        pick=${(row: string) => {
          picked.value = row;
        }}
      />
      ${shown && html`<${NodeView} row=${shown} />`}
      <${McpView} />
    </div>
  `;
}

function knownOf(key: string | undefined): Known {
  const { record } = loaded.value;
  if (!record || key !== record.turn.turn_id) return { firstWordMs: replays.find(key)?.result?.first_word_ms ?? null };
  const { timestamp, metadata } = record.turn;
  const waitedMs = record.waits.reduce((sum, { ms }) => sum + (ms ?? 0), 0);
  const startedAt = Date.parse(timestamp) - (metadata.processing_time ?? 0) - waitedMs;
  return { startedAt, firstWordMs: record.first_word_ms };
}

function wordsFor(key: string | undefined, turnId: string | undefined): string {
  if (key === undefined) return "No turn yet. Ask something to see its path.";
  if (!runLog.has(key)) return "Nobody watched this turn, so its path is unknown. Replay it to see the path.";
  return key === turnId ? "The path of the selected turn." : "The path of a replay.";
}

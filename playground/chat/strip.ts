import type { TurnState } from "conversation-channel-client";

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { duration } from "../parts/duration.ts";
import { engineName } from "../session/engines.ts";
import { openRequests } from "../session/waiting.ts";
import { inspect, workbench } from "../session/workbench-link.ts";
import { isOver, stepsOf, type Times } from "./times.ts";

type NodeState = "ahead" | "running" | "waiting" | "done" | "failed";

interface Node {
  name: string;
  kind: "router" | "engine" | "step" | "end";
  state: NodeState;
  tookMs?: number | undefined;
}

const words: Record<NodeState, string> = {
  ahead: "not yet",
  running: "running",
  waiting: "waits for you",
  done: "done",
  failed: "failed",
};

/** An answer's path through the graph: router, engine, the engine's steps, answer. Each lights up as its events arrive. */
export function Strip({ turn, times }: { turn: TurnState; times: Times }) {
  const { turn_id } = turn;
  return html`<div class="strip">
    <ol aria-label="Path through the graph">
      ${nodesOf(turn, times).map(
        ({ name, kind, state, tookMs }, index) => html`<li key=${index} class=${`node ${kind} ${state}`}>
          <span class="name">${name}</span>
          <span class="visually-hidden">, ${words[state]}</span>
          ${tookMs !== undefined && html`<span class="took">${duration(tookMs)}</span>`}
        </li>`,
      )}
    </ol>
    ${
      turn_id !== undefined &&
      workbench.joined.value &&
      html`<${IconButton} icon="inspect" label="Inspect in the workbench" class="inspect" press=${() => inspect(turn_id)} />`
    }
  </div>`;
}

function nodesOf(turn: TurnState, times: Times): Node[] {
  const { conversation_type, text, status, stage } = turn;
  const isEnded = isOver(turn);
  const stoppedAs: NodeState = status === "failed" ? "failed" : "ahead";
  const isWaiting = status === "sending" || stage === "queued" || status === "queued";
  const router: NodeState = conversation_type ? "done" : isEnded ? stoppedAs : isWaiting ? "ahead" : "running";
  const steps = stepsOf(turn);
  const isAnswering = text !== "" || stage === "answering";
  const engine: NodeState = conversation_type ? "done" : "ahead";
  const answer: NodeState = isEnded
    ? status === "failed"
      ? "failed"
      : "done"
    : isAnswering || (engine === "done" && steps.length === 0)
      ? "running"
      : "ahead";
  const isAsking = openRequests(turn).length > 0;
  return [
    { name: "router", kind: "router", state: router },
    { name: conversation_type ? engineName(conversation_type) : "engine", kind: "engine", state: engine },
    ...steps.map(({ step, status: of }, index): Node => {
      const state = of === "finished" ? "done" : of === "failed" ? "failed" : isEnded ? "ahead" : "running";
      return { name: engineName(step), kind: "step", state, tookMs: times.stepMs[index] };
    }),
    { name: isAsking ? "your answer" : "answer", kind: "end", state: isAsking ? "waiting" : answer },
  ];
}

import type { TurnState } from "conversation-channel-client";

import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import { isOver, type Times } from "./times.ts";

/** The model is reasoning and has not begun to answer. */
export function isThinking(turn: TurnState): boolean {
  return turn.text === "" && !isOver(turn) && thoughtsOf(turn).length > 0;
}

/** The model's reasoning, folded. */
export function Reasoning({ turn, times }: { turn: TurnState; times: Times }) {
  const thoughts = thoughtsOf(turn);
  if (thoughts.length === 0) return undefined;
  const words = times.thoughtMs === undefined ? "Thoughts" : `Thought for ${duration(times.thoughtMs)}`;
  return html`<div class="reasoning">
    <details>
      <summary>${isThinking(turn) ? "Thinking…" : words}</summary>
      <p dir="auto">${thoughts.join("\n\n")}</p>
    </details>
  </div>`;
}

/** A failed model, replaced by a fallback, leaves an empty part. */
function thoughtsOf({ parts }: TurnState): string[] {
  return parts.flatMap((part) => (part.type === "reasoning" && part.text !== "" ? part.text : []));
}

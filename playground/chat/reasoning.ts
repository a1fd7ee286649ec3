import type { TurnState } from "conversation-channel-client";

import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import { isOver, type Times } from "./times.ts";

/** What the model told of its thinking, folded. */
export function Reasoning({ turn, times }: { turn: TurnState; times: Times }) {
  const thoughts = turn.parts.flatMap((part) => (part.type === "reasoning" ? part.text : []));
  if (thoughts.length === 0) return undefined;
  const isThinking = turn.text === "" && !isOver(turn);
  const words = times.thoughtMs === undefined ? "Thoughts" : `Thought for ${duration(times.thoughtMs)}`;
  return html`<div class="reasoning">
    <details>
      <summary>${isThinking ? "Thinking…" : words}</summary>
      <p dir="auto">${thoughts.join("\n\n")}</p>
    </details>
  </div>`;
}

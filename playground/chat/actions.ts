import type { TurnState } from "conversation-channel-client";
import { useRef, useState } from "preact/hooks";

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { CopyButton } from "../parts/copying.ts";
import { lazy } from "../parts/lazy.ts";
import { regenerate } from "../session/actions.ts";
import { answerMarkdown } from "../session/sources.ts";

const Rating = lazy(async () => (await import("./rating.ts")).Rating);

/** What can be done with an answer. */
export function Actions({ turn }: { turn: TurnState }) {
  const { turn_id: turnId = "" } = turn;
  const [isRating, setRating] = useState(false);
  const [said, setSaid] = useState("");
  const row = useRef<HTMLDivElement>(null);

  function close(words = "") {
    setRating(false);
    setSaid(words);
    row.current?.querySelector<HTMLElement>(".rate")?.focus();
  }
  return html`<div class="ending">
    <div class="actions" role="group" aria-label="Answer actions" ref=${row}>
      <${CopyButton} label="Copy answer" text=${() => answerMarkdown(turn)} />
      <${IconButton} icon="regenerate" label="Regenerate" press=${() => regenerate(turnId)} />
      <${IconButton}
        icon="rate"
        label="Rate the answer"
        class="rate"
        aria-expanded=${isRating}
        press=${() => setRating(!isRating)}
      />
      <span class="quiet said" role="status">${said}</span>
    </div>
    ${isRating && html`<${Rating} turnId=${turnId} close=${close} />`}
  </div>`;
}

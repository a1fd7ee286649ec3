import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { Comparison } from "./comparison.ts";
import { type Replay, replays } from "./data/replays.ts";

/** One replay: its answer while it streams, then the comparison with the original. */
export function ReplayView({ replay }: { replay: Replay }) {
  const { id, changes, state, text, result } = replay;
  const root = useRef<HTMLElement>(null);
  const isNew = useRef(state === "running");
  const problem = useSignal("");
  const what = changes.length > 0 ? `with ${changes.join(", ")}` : "with nothing changed";
  useEffect(() => {
    if (isNew.current) root.current?.scrollIntoView(); // it is below the form, where nobody would see it
  }, [result]);
  const stop = () =>
    replays.stop(id).catch(({ message }: Error) => {
      problem.value = message;
    });
  return html`<article class="replay" data-state=${state} ref=${root}>
    <div class="toolbar">
      <h3>Replay</h3>
      <span class="about">${what}</span>
      ${state === "running" && html`<button type="button" onClick=${stop}>Stop replay</button>`}
    </div>
    <p class="about" role="status">${problem.value || stateWords(replay)}</p>
    ${result ? html`<${Comparison} result=${result} />` : html`<p class="answer-text" dir="auto">${text}</p>`}
  </article>`;
}

function stateWords({ state, stage, message }: Replay): string {
  if (state === "running") return `Running: ${stage}…`;
  return state === "finished" ? "Finished" : (message ?? state);
}

import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import { type Check, checks, kinds, progress } from "./connecting.ts";

const names = { plain: "Plain reply", streamed: "Streamed reply", structured: "Structured reply" };

/** The three checks and their results. */
export function ChecksView() {
  const next = kinds[checks.value.length];
  const isRunning = progress.value.state === "checking";
  return html`<ol class="checks" aria-label="Checks" aria-live="polite">
    ${kinds.map((kind) => {
      const check = checks.value.find((one) => one.kind === kind);
      const state = check?.result ?? (isRunning && kind === next ? "running" : "waiting");
      return html`<li key=${kind} data-state=${state}>
        <span class="name">${names[kind]}</span> <span class="found">${check ? foundBy(check) : ""}</span>
        ${check?.result === "failed" && html`<p class="said">${saidBy(check)}</p>`}
      </li>`;
    })}
  </ol>`;
}

function foundBy({ result, ms = 0, first_word_ms, note }: Check): string {
  if (result === "skipped") return "skipped";
  if (result === "failed") return "failed";
  const first = first_word_ms === undefined ? [] : [`first word after ${duration(first_word_ms)}`];
  return [duration(ms), ...first, ...(note ? [note] : [])].join(", ");
}

function saidBy({ status, said }: Check): string {
  return [status, said].filter(Boolean).join(": ");
}

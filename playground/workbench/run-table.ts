import { useSignal } from "@preact/signals";

import type { Figures, RunRow } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";
import { dollars } from "../parts/dollars.ts";
import { duration } from "../parts/duration.ts";
import { engineName } from "../session/engines.ts";
import { inspect } from "../session/workbench-link.ts";
import type { PromptRun } from "./data/prompt-runs.ts";
import { WordDiff } from "./diff-view.ts";

const columns = ["Message", "Engine", "Words changed", "Tokens out", "First word", "Time", "Cost"];

/** A run as a table, as `npm run replay -- --last` prints it. A row expands to the changes in its answer. */
export function RunTable({ run: { rows, totals } }: { run: PromptRun }) {
  const opened = useSignal<string | undefined>(undefined);
  if (rows.length === 0) return null;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Table of the run">
    <table>
      <thead>
        <tr>
          ${columns.map((title) => html`<th key=${title} scope="col">${title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) => html`<${Row}
            key=${row.turn_id}
            row=${row}
            isOpen=${opened.value === row.turn_id}
            toggle=${() => {
              opened.value = opened.value === row.turn_id ? undefined : row.turn_id;
            }}
          />`,
        )}
      </tbody>
      ${
        totals &&
        totals.answered > 0 &&
        html`<tfoot>
          <tr>
            <th scope="row">${totals.answered} of ${totals.turns} turns</th>
            <td></td>
            <td></td>
            <${FigureCells} before=${totals.before} after=${totals.after} />
          </tr>
        </tfoot>`
      }
    </table>
  </div>`;
}

interface RowProps {
  row: RunRow;
  isOpen: boolean;
  toggle: () => void;
}

function Row({ row, isOpen, toggle }: RowProps) {
  const { query, before, after, changed = 0, failure } = row;
  const route = (next: Figures) =>
    before.conversation_type === next.conversation_type
      ? engineName(next.conversation_type)
      : `${engineName(before.conversation_type)} → ${engineName(next.conversation_type)}`;
  return [
    html`<tr key="row" data-turn=${row.turn_id}>
      <th scope="row">
        <button type="button" class="asked" aria-expanded=${isOpen ? "true" : "false"} onClick=${toggle} dir="auto">${query}</button>
      </th>
      <td>${after ? route(after) : engineName(before.conversation_type)}</td>
      ${
        after
          ? html`<td>${`${Math.round(changed * 100)} %`}</td><${FigureCells} before=${before} after=${after} />`
          : html`<td class="problem" colspan="5">${failure?.message}</td>`
      }
    </tr>`,
    isOpen && html`<tr key="diff" class="opened"><td colspan="7"><${Opened} row=${row} /></td></tr>`,
  ];
}

function Opened({ row: { turn_id, diff } }: { row: RunRow }) {
  return html`<div>
    ${diff && html`<${WordDiff} changes=${diff} />`}
    ${diff === null && html`<p class="about">The answers are too long to compare here.</p>`}
    <div class="choices"><button type="button" onClick=${() => inspect(turn_id)}>Open this turn</button></div>
  </div>`;
}

function FigureCells({ before, after }: { before: Figures; after: Figures }) {
  return [
    html`<${Pair} key="tokens" before=${before.output_tokens} after=${after.output_tokens} written=${String} />`,
    html`<${Pair} key="first" before=${before.first_word_ms} after=${after.first_word_ms} written=${duration} />`,
    html`<${Pair} key="time" before=${before.processing_time} after=${after.processing_time} written=${duration} />`,
    html`<${Pair} key="cost" before=${before.cost_usd} after=${after.cost_usd} written=${dollars} />`,
  ];
}

interface PairProps {
  before: number | null;
  after: number | null;
  written: (value: number) => string;
}

function Pair({ before, after, written }: PairProps) {
  const [one, other] = [before, after].map((value) => (value === null ? "–" : written(value)));
  if (one === other) return html`<td class="pair">${one}</td>`;
  return html`<td class="pair"><span class="before">${one} →</span> ${other}</td>`;
}

import type { ComponentChildren } from "preact";

import type { ReplayResult, Step } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { ReplayedView } from "./calls-view.ts";
import { WordDiff } from "./diff-view.ts";
import { delta, type Figure, figures } from "./figures.ts";
import { JsonView, Section } from "./json-view.ts";

/** Compares a replay with its original: figures, a word diff of the answers, both answers, and the steps. */
export function Comparison({ result }: { result: ReplayResult }) {
  const { original, response, steps, diff, tool_calls, answers } = result;
  return html`<div class="comparison">
    <${FiguresTable}
      before=${figures(original.turn, original.cost, original.first_word_ms)}
      after=${figures(result, result.cost, result.first_word_ms)}
    />
    <${ReplayedView} calls=${tool_calls} answers=${answers} />
    <h4>What changed in the answer</h4>
    <${WordDiff} changes=${diff.response} />
    <${Section} title="Both answers">
      <${Columns} original=${original.turn.response ?? ""} replay=${response} />
    <//>
    <${Section} title="Steps">
      <${Columns} original=${findings(original.steps)} replay=${findings(steps)} />
    <//>
  </div>`;
}

function findings(steps: readonly Step[]): ComponentChildren {
  if (steps.length === 0) return "none";
  return steps.map(({ name, finding }) => html`<${JsonView} key=${name} title=${name} value=${finding} />`);
}

function FiguresTable({ before, after }: { before: Figure[]; after: Figure[] }) {
  const titles = [...new Set([...before, ...after].map(({ title }) => title))];
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Figures"><table>
    <thead>
      <tr>
        ${["Figure", "Original", "Replay", "Change"].map((title) => html`<th key=${title} scope="col">${title}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${titles.map((title) => {
        const [one, other] = [before, after].map((list) => list.find((figure) => figure.title === title));
        const words = one?.text === other?.text ? "" : "changed";
        const change = one?.number === undefined ? words : delta(one.number, other?.number, one.written);
        return html`<tr key=${title}>
          <th scope="row">${title}</th>
          <td>${one?.text ?? "–"}</td>
          <td>${other?.text ?? "–"}</td>
          <td class="delta" data-sign=${change[0] ?? ""}>${change}</td>
        </tr>`;
      })}
    </tbody>
  </table></div>`;
}

function Columns({ original, replay }: { original: ComponentChildren; replay: ComponentChildren }) {
  return html`<div class="columns">
    <div class="answer-text" dir="auto"><h4>Original</h4>${original}</div>
    <div class="answer-text" dir="auto"><h4>Replay</h4>${replay}</div>
  </div>`;
}

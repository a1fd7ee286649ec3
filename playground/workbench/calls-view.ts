import type { ReplayedAnswer, ReplayedCall, ToolCall, Wait } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { duration } from "../parts/duration.ts";
import { JsonView, Section } from "./json-view.ts";

/** The tool calls of a turn. */
export function CallsView({ calls }: { calls: readonly ToolCall[] }) {
  return html`<${Section} title=${`Tool calls (${calls.length})`}>
    ${calls.map(
      ({ tool_name, state, ms, input, output, message }, index) => html`<div key=${index} class="run">
        <p class="about"><code>${tool_name}</code> ${state}${ms === null ? "" : ` after ${duration(ms)}`}</p>
        ${message !== undefined && html`<p class="problem">${message}</p>`}
        <${JsonView} title="Input" value=${input} isOpen=${false} />
        ${output !== undefined && html`<${JsonView} title="Output" value=${output} isOpen=${false} />`}
      </div>`,
    )}
  <//>`;
}

/** What a turn asked a person. */
export function WaitsView({ waits }: { waits: readonly Wait[] }) {
  return html`<${Section} title=${`Questions to a person (${waits.flatMap(({ questions }) => questions).length})`}>
    ${waits.map(({ ms, questions }, index) =>
      questions.map(
        ({ interrupt_id, value, answer }) => html`<div key=${`${index} ${interrupt_id}`} class="run">
          <p class="about">${answer ? "answered" : "not answered"}${ms === null ? "" : `, waited for ${duration(ms)}`}</p>
          <${JsonView} title="Asked" value=${value} isOpen=${false} />
          ${answer && html`<${JsonView} title="Answered" value=${answer.value} isOpen=${false} />`}
        </div>`,
      ),
    )}
  <//>`;
}

const sources: Record<ReplayedCall["from"], string> = {
  same_input: "has its result of the turn",
  other_input: "has the result of a call with another input",
  live: "ran again",
};

/** Where a replay has its results and answers from. */
export function ReplayedView({
  calls,
  answers,
}: {
  calls: readonly ReplayedCall[];
  answers: readonly ReplayedAnswer[];
}) {
  if (calls.length + answers.length === 0) return null;
  const others = calls.filter(({ from }) => from === "other_input").length;
  const otherAnswers = answers.filter(({ from }) => from === "other_question").length;
  return html`<div>
    ${
      others + otherAnswers > 0 &&
      html`<p class="about different">
        Not as in the turn: ${[counted(others, "tool call"), counted(otherAnswers, "question")].filter(Boolean).join(" and ")}.
      </p>`
    }
    <${Section} title=${`Tool calls and questions (${calls.length + answers.length})`}>
      ${calls.map(
        ({ tool_name, from, input, recorded_input }, index) => html`<div key=${`call ${index}`} class="run">
          <p class="about"><code>${tool_name}</code> ${sources[from]}</p>
          <${JsonView} title="Input" value=${input} isOpen=${false} />
          ${from === "other_input" && html`<${JsonView} title="Input in the turn" value=${recorded_input} isOpen=${false} />`}
        </div>`,
      )}
      ${answers.map(
        ({ value, answer, from }, index) => html`<div key=${`answer ${index}`} class="run">
          <p class="about">A question ${from === "same_question" ? "of the turn" : "that the turn asked otherwise"}</p>
          <${JsonView} title="Asked" value=${value} isOpen=${false} />
          <${JsonView} title="Answered" value=${answer} isOpen=${false} />
        </div>`,
      )}
    <//>
  </div>`;
}

function counted(count: number, what: string): string {
  return count === 0 ? "" : `${count} ${what}${count > 1 ? "s" : ""}`;
}

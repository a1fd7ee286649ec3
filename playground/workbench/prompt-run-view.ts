import { useSignal } from "@preact/signals";

import { html } from "../html.ts";
import { type PromptRun, promptRuns } from "./data/prompt-runs.ts";
import { prompts } from "./data/prompts.ts";
import { RunTable } from "./run-table.ts";
import { SamplingFields, samplingOf } from "./sampling-fields.ts";

const defaultLast = 10;
const maxLast = 50;

/** Runs a prompt, or its draft, over the latest turns that used it. */
export function PromptRunView({ name }: { name: string }) {
  const problem = useSignal("");
  const run = promptRuns.of(name);
  const isRunning = run?.state === "running";
  const isDraft = prompts.isDraft(name);

  async function start(event: SubmitEvent) {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    problem.value = "";
    try {
      await promptRuns.start({
        name,
        last: Number(form.get("last")),
        llm_config: samplingOf(form),
        ...(isDraft && { source: prompts.source(name) }),
      });
    } catch (refusal) {
      problem.value = (refusal as Error).message;
    }
  }
  const stop = () =>
    run &&
    promptRuns.stop(run.id).catch(({ message }: Error) => {
      problem.value = message;
    });

  return html`<form class="run-form" aria-label="Run over past turns" onSubmit=${start}>
      <p class="about">
        Answers your latest turns again with ${isDraft ? "the draft" : "the version in use"}, from what each began with. No
        conversation changes. Each turn counts as a message.
      </p>
      <div class="settings">
        <label>
          <span>latest turns</span>
          <input type="number" name="last" min="1" max=${maxLast} value=${defaultLast} required />
        </label>
        <${SamplingFields} nothing="as before" />
      </div>
      <p class="problem" role="alert">${problem.value}</p>
      <div class="choices">
        <button class="primary" type="submit" disabled=${isRunning}>Run ${isDraft ? "draft" : "prompt"}</button>
        ${isRunning && html`<button type="button" onClick=${stop}>Stop run</button>`}
      </div>
    </form>
    ${
      run &&
      html`<section class="prompt-run" aria-label="Result of the run" data-state=${run.state}>
        <p class="about" role="status">${stateWords(run)}</p>
        <${RunTable} run=${run} />
      </section>`
    }`;
}

function stateWords({ state, rows, turns, isDraft }: PromptRun): string {
  const what = `${rows.length} of ${turns} turns, with ${isDraft ? "the draft" : "the version in use"}`;
  if (state === "running") return `Running: ${what}…`;
  if (state === "lost") return `The connection was lost after ${what}.`;
  return state === "stopped" ? `Stopped after ${what}.` : `Finished: ${what}.`;
}

import { html } from "../html.ts";
import { DemoMark } from "../model-slot.ts";
import { Icon, type IconName } from "../parts/icon.ts";
import { ask } from "../session/actions.ts";
import { isDemo } from "../session/demo.ts";
import { engineName } from "../session/engines.ts";
import { isWorkbenchOpen, workbench } from "../session/workbench-link.ts";
import { suggestions } from "../suggestions.ts";

const abilities: { icon: IconName; name: string; words: string }[] = [
  {
    icon: "graph",
    name: "Watch the graph",
    words: "A router sends each message to one of several LangGraph engines. Their steps light up above the answer.",
  },
  {
    icon: "edit",
    name: "Edit a prompt",
    words: "Prompts are files. Change one in the workbench, and the next answer uses it.",
  },
  {
    icon: "regenerate",
    name: "Replay a turn",
    words: "Run any past turn again with another prompt or model, and compare the answers.",
  },
];

/** One for each engine. */
const shown = suggestions.filter(({ engine }, at) => suggestions.findIndex((other) => other.engine === engine) === at);

/** What this is, what only it can do, and where to begin. */
export function Welcome() {
  return html`<section id="welcome">
    <h2>Ask, and watch how the answer is made</h2>
    <ul class="abilities">
      ${abilities.map(
        ({ icon, name, words }) => html`<li key=${name}>
          <span class="mark"><${Icon} name=${icon} /></span>
          <strong>${name}</strong>
          <span class="words">${words}</span>
        </li>`,
      )}
    </ul>
    ${
      workbench.joined.value &&
      html`<button type="button" class="open-workbench" onClick=${openWorkbenchPanel}>Open the workbench</button>`
    }
    ${isDemo.value && html`<${DemoMark} />`}
    <h3>Try one of these</h3>
    <ul id="examples">
      ${shown.map(
        ({ engine, label, message }) => html`<li key=${label}>
          <button type="button" title=${message} onClick=${() => ask(message, "")}>
            <span class="engine">${engineName(engine)}</span>
            <span>${label}</span>
          </button>
        </li>`,
      )}
    </ul>
  </section>`;
}

function openWorkbenchPanel(): void {
  isWorkbenchOpen.value = true;
}

import { html } from "../html.ts";
import { chosenEngine, chosenModel } from "../session/actions.ts";
import { engineName, engines } from "../session/engines.ts";
import { workbench } from "../session/workbench-link.ts";

type Chosen = { currentTarget: HTMLSelectElement };

/** The engine and the model of the next message. */
export function Choices() {
  const models = workbench.joined.value?.models ?? [];
  return html`<label class="choice">
      <span>Engine</span>
      <select id="engine" value=${chosenEngine.value} onChange=${chooseEngine}>
        <option value="">automatic</option>
        ${engines.value.map((type) => html`<option key=${type} value=${type}>${engineName(type)}</option>`)}
      </select>
    </label>
    ${
      models.length > 0 &&
      html`<label class="choice">
        <span>Model</span>
        <select id="model" value=${chosenModel.value} onChange=${chooseModel}>
          <option value="">default</option>
          ${models.map((model) => html`<option key=${model} value=${model}>${model}</option>`)}
        </select>
      </label>`
    }`;
}

function chooseEngine({ currentTarget: { value } }: Chosen): void {
  chosenEngine.value = value;
}

function chooseModel({ currentTarget: { value } }: Chosen): void {
  chosenModel.value = value;
}

import { html } from "../html.ts";
import { prompts } from "./data/prompts.ts";

const numbers = [
  { name: "temperature", step: "0.1", max: "2" },
  { name: "max_tokens", step: "1" },
  { name: "top_p", step: "0.05", max: "1" },
];

/** Fields for the model and its settings. `nothing` says what an empty one means. */
export function SamplingFields({ nothing }: { nothing: string }) {
  return [
    html`<label key="model">
      <span>model</span>
      <select name="model">
        <option value="">${nothing}</option>
        ${prompts.models.value.map((model) => html`<option key=${model} value=${model}>${model}</option>`)}
      </select>
    </label>`,
    ...numbers.map(
      ({ name, step, max }) => html`<label key=${name}>
        <span>${name.replace("_", " ")}</span>
        <input type="number" name=${name} min="0" max=${max} step=${step} placeholder=${nothing} />
      </label>`,
    ),
  ];
}

/** The settings that were filled in. */
export function samplingOf(form: FormData): Record<string, string | number> {
  const given = ["model", ...numbers.map(({ name }) => name)].flatMap((name) => {
    const value = String(form.get(name) ?? "");
    return value === "" ? [] : [[name, name === "model" ? value : Number(value)] as const];
  });
  return Object.fromEntries(given);
}

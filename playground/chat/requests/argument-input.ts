import { html } from "../../html.ts";
import type { ArgumentField } from "./argument-fields.ts";

interface ArgumentInputProps {
  field: ArgumentField;
  text: string;
  problem: string | undefined;
  type: (text: string) => void;
}

type Typed = { currentTarget: HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement };

/** A labelled field for one argument. */
export function ArgumentInput({ field, text, problem = "", type }: ArgumentInputProps) {
  const { name, kind, description, choices, isRequired } = field;
  const onInput = ({ currentTarget }: Typed) => type(currentTarget.value);
  const common = { value: text, onInput, "aria-invalid": problem !== "", title: description || undefined };
  if (kind === "boolean") {
    return html`<label class="argument check">
      <input
        type="checkbox"
        checked=${text === "true"}
        onChange=${({ currentTarget }: { currentTarget: HTMLInputElement }) => type(String(currentTarget.checked))}
      />
      <span>${name}</span>
    </label>`;
  }
  return html`<div class="argument">
    <label>
      <span>${name}${!isRequired && html` <small class="quiet">optional</small>`}</span>
      ${
        kind === "choice"
          ? html`<select ...${common}>
            ${!isRequired && html`<option value=""></option>`}
            ${choices.map((choice) => html`<option key=${choice} value=${choice}>${choice}</option>`)}
          </select>`
          : kind === "number"
            ? html`<input type="text" inputmode="decimal" ...${common} />`
            : html`<textarea
              class=${kind === "json" ? "json" : ""}
              rows=${Math.min(10, Math.max(1, Math.ceil(text.length / 60), text.split("\n").length))}
              spellcheck=${kind === "text"}
              dir="auto"
              ...${common}
            ></textarea>`
      }
    </label>
    <p class="refusal" role="alert">${problem}</p>
  </div>`;
}

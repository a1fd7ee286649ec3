import { useRef, useState } from "preact/hooks";

import { html } from "../html.ts";
import { readObject, writtenObject } from "../parts/json-object.ts";
import { applyPreferences } from "../session/actions.ts";
import { current } from "../session/conversations.ts";
import { keepPreferences, preferences } from "../session/preferences.ts";
import { workbench } from "../session/workbench-link.ts";
import { type PreferenceField, preferenceFields, preferenceOf } from "./preference-fields.ts";

type Typed = Record<string, string>;
type Event = { currentTarget: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement };

/** The user's preferences, kept in this browser. */
export function PreferencesPanel() {
  const root = useRef<HTMLDivElement>(null);
  const [typed, setTyped] = useState<Typed>(() => asText(preferences.value));
  const [problem, setProblem] = useState("");
  const warnings = current.value?.outline.value.warnings ?? [];

  function save() {
    const rest = readObject(typed.more ?? "");
    const fields = [...(root.current?.querySelectorAll("input") ?? [])];
    setProblem(rest ? "" : "“Other preferences” is not a JSON object.");
    if (!rest || fields.some((field) => !field.reportValidity())) return;
    const given = preferenceFields.filter(({ name }) => typed[name]);
    const own = given.map((field) => [field.name, preferenceOf(field, typed[field.name] ?? "")]);
    const isKept = keepPreferences({ ...rest, ...Object.fromEntries(own) });
    setProblem(isKept ? "Saved." : "Saved until you leave this page, because the browser blocks storage.");
    applyPreferences();
  }

  function type(name: string) {
    return ({ currentTarget: { value } }: Event) => setTyped((before) => ({ ...before, [name]: value }));
  }

  return html`<div class="fields" ref=${root}>
      ${preferenceFields.map(
        (field) => html`<label key=${field.name}>
        ${field.label} <${Input} field=${field} value=${typed[field.name] ?? ""} type=${type(field.name)} />
      </label>`,
      )}
      <datalist id="models">${workbench.joined.value?.models.map((model) => html`<option key=${model}>${model}</option>`)}</datalist>
      <label class="wide">
        Other preferences, as a JSON object
        <textarea id="preferences-more" rows="2" spellcheck=${false} value=${typed.more ?? ""} onInput=${type("more")}></textarea>
      </label>
    </div>
    <div class="row">
      <p id="preferences-problem" role="status">${[problem, ...warnings].filter(Boolean).join(" ")}</p>
      <button id="preferences-save" type="button" class="primary" onClick=${save}>Save preferences</button>
    </div>`;
}

interface InputProps {
  field: PreferenceField;
  value: string;
  type: (event: Event) => void;
}

function Input({ field: { name, placeholder, number, options }, value, type }: InputProps) {
  if (options) {
    return html`<select value=${value} onChange=${type}>
      ${Object.entries(options).map(([key, words]) => html`<option key=${key} value=${key}>${words}</option>`)}
    </select>`;
  }
  const list = name === "model" ? "models" : undefined;
  return html`<input
    type=${number ? "number" : "text"}
    list=${list}
    placeholder=${placeholder}
    spellcheck=${false}
    value=${value}
    onInput=${type}
    ...${number}
  />`;
}

function asText(values: Record<string, unknown>): Typed {
  const names = new Set(preferenceFields.map(({ name }) => name));
  const own = Object.entries(values).filter(([name]) => names.has(name));
  const rest = Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));
  const more = Object.keys(rest).length === 0 ? "" : writtenObject(rest);
  return { ...Object.fromEntries(own.map(([name, value]) => [name, String(value)])), more };
}

import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

import { html } from "../../html.ts";
import { readObject, writtenObject } from "../../parts/json-object.ts";
import { fieldsOf, readField } from "./argument-fields.ts";
import { ArgumentInput } from "./argument-input.ts";
import type { Action, Decision } from "./request-kind.ts";

interface EditFormProps {
  action: Action;
  decide: (decision: Decision) => void;
  cancel: () => void;
}

type Texts = Record<string, string>;

/** Edits the arguments of a call: a field for each, or all as JSON. */
export function EditForm({ action, decide, cancel }: EditFormProps) {
  const root = useRef<HTMLFormElement>(null);
  const fields = useMemo(() => fieldsOf(action), []);
  const [texts, setTexts] = useState<Texts>(() => Object.fromEntries(fields.map(({ name, text }) => [name, text])));
  /** All arguments as JSON, while they are edited that way. */
  const [json, setJson] = useState<string | undefined>(() => (fields.length === 0 ? "{}" : undefined));
  const [problems, setProblems] = useState<Texts>({});
  const [problem, setProblem] = useState("");
  const focusFirst = (selector: string) => root.current?.querySelector<HTMLElement>(selector)?.focus();
  useLayoutEffect(() => focusFirst("textarea, input, select"), [json === undefined]);

  /** Undefined if a field is wrong, which is shown. */
  function read(): Record<string, unknown> | undefined {
    if (json !== undefined) {
      const args = readObject(json);
      setProblem(args ? "" : "This is not a JSON object.");
      return args;
    }
    const results = fields.map((field) => ({ field, ...readField(field, texts[field.name] ?? "") }));
    const wrong = results.flatMap(({ field, problem: why }): [string, string][] => (why ? [[field.name, why]] : []));
    setProblems(Object.fromEntries(wrong));
    if (wrong.length > 0) return undefined;
    const given = results.filter((result) => "value" in result);
    return Object.fromEntries(given.map(({ field, value }) => [field.name, value]));
  }

  function submit(event: Event) {
    event.preventDefault();
    const args = read();
    if (args) decide({ type: "edit", args });
    else requestAnimationFrame(() => focusFirst("[aria-invalid=true]"));
  }

  function asJson() {
    const args = read();
    if (args) setJson(writtenObject(args));
  }

  return html`<form class="edit-arguments" ref=${root} onSubmit=${submit}>
    ${
      json === undefined
        ? fields.map(
            (field) => html`<${ArgumentInput}
              key=${field.name}
              field=${field}
              text=${texts[field.name] ?? ""}
              problem=${problems[field.name]}
              type=${(text: string) => setTexts((before) => ({ ...before, [field.name]: text }))}
            />`,
          )
        : html`<div class="argument"><label>
            <span>Arguments as a JSON object</span>
            <textarea
              class="json"
              rows=${Math.min(16, json.split("\n").length + 1)}
              spellcheck=${false}
              aria-invalid=${problem !== ""}
              value=${json}
              onInput=${({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => setJson(currentTarget.value)}
            ></textarea>
          </label>
          <p class="refusal" role="alert">${problem}</p></div>`
    }
    <div class="row">
      <button type="submit" class="primary">Approve with changes</button>
      <button type="button" onClick=${cancel}>Cancel</button>
      <span class="space"></span>
      ${json === undefined && html`<button type="button" class="quiet-button" onClick=${asJson}>Edit as JSON</button>`}
    </div>
  </form>`;
}

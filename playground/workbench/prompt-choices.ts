import { type Signal, useSignal } from "@preact/signals";

import type { TurnRecord } from "../../src/workbench/wire/turns.ts";
import { html } from "../html.ts";
import { prompts } from "./data/prompts.ts";
import { SourceField } from "./source-field.ts";

interface PromptChoicesProps {
  record: TurnRecord;
  /** Names of the prompts that stay as they were. */
  refused: Signal<ReadonlySet<string>>;
}

/** Those that the turn used, and all drafts. */
function namesOf({ prompts: used }: TurnRecord): string[] {
  const names = new Set([...used.map(({ name }) => name), ...prompts.draftNames.value]);
  return [...names].filter((name) => prompts.file(name));
}

function isOther(name: string, { prompts: used }: TurnRecord): boolean {
  return prompts.isDraft(name) || used.find((one) => one.name === name)?.hash !== prompts.file(name)?.hash;
}

/** The prompts whose current text the replay uses. */
export function chosenPrompts(record: TurnRecord, refused: ReadonlySet<string>): string[] {
  return namesOf(record).filter((name) => isOther(name, record) && !refused.has(name));
}

/** For each prompt of a replay: use the original text or the current one, which can be edited here. */
export function PromptChoices({ record, refused }: PromptChoicesProps) {
  const chosen = chosenPrompts(record, refused.value);
  function toggle(name: string) {
    const next = new Set(refused.value);
    if (!next.delete(name)) next.add(name);
    refused.value = next;
  }
  if (namesOf(record).length === 0) return null;
  return html`<fieldset class="drafts">
    <legend>Use the current prompt text</legend>
    ${namesOf(record).map(
      (name) => html`<${PromptChoice}
        key=${name}
        name=${name}
        isOther=${isOther(name, record)}
        isChosen=${chosen.includes(name)}
        toggle=${() => toggle(name)}
      />`,
    )}
  </fieldset>`;
}

interface PromptChoiceProps {
  name: string;
  /** Whether the current text is not the turn's. */
  isOther: boolean;
  isChosen: boolean;
  toggle: () => void;
}

function PromptChoice({ name, isOther, isChosen, toggle }: PromptChoiceProps) {
  const isOpen = useSignal(false);
  const state = prompts.isDraft(name) ? "draft" : isOther ? "changed since" : "unchanged";
  return html`<div class="prompt-row">
    <label class="check">
      <input type="checkbox" checked=${isChosen} disabled=${!isOther} onChange=${toggle} />
      <span class="name">${name}</span>
    </label>
    <span class="about">${state}</span>
    <button
      type="button"
      aria-label=${`Edit ${name}`}
      aria-expanded=${isOpen.value ? "true" : "false"}
      onClick=${() => {
        isOpen.value = !isOpen.value;
      }}
    >
      Edit
    </button>
    ${isOpen.value && html`<${SourceField} name=${name} />`}
  </div>`;
}

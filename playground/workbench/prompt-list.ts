import { useEffect, useRef } from "preact/hooks";

import type { PromptFile } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";
import { Words } from "../parts/words.ts";
import { engineName } from "../session/engines.ts";
import { Badge } from "./badge.ts";
import { prompts } from "./data/prompts.ts";

const shared = "shared";

interface PromptListProps {
  open: (name: string) => void;
  /** The prompt that was just left: it gets the focus. */
  left: string | undefined;
}

/** The prompt files, grouped by engine. */
export function PromptList({ open, left }: PromptListProps) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (left) root.current?.querySelector<HTMLElement>(`[data-prompt="${CSS.escape(left)}"]`)?.focus();
  }, []);
  const groups = Object.entries(Object.groupBy(prompts.files.value, groupOf)).toSorted(sharedLast);
  return html`<div class="prompt-list" ref=${root}>
    ${groups.map(
      ([group, files = []]) => html`<section key=${group}>
        <h3>${group}</h3>
        <ul>
          ${files.map((file) => html`<${Item} key=${file.name} file=${file} open=${open} />`)}
        </ul>
      </section>`,
    )}
  </div>`;
}

function Item({ file: { name, hash, description, fault }, open }: { file: PromptFile; open: PromptListProps["open"] }) {
  return html`<li>
    <button type="button" data-prompt=${name} onClick=${() => open(name)}>
      <span class="name">${name}</span>
      ${prompts.isDraft(name) && html`<${Badge} words="draft" kind="draft" />`}
      ${fault && html`<${Badge} words="invalid" kind="fault" />`}
      <code class="hash">${hash}</code>
      <span class="about" dir="auto"><${Words} text=${description} /></span>
    </button>
  </li>`;
}

function groupOf({ engines }: PromptFile): string {
  return engines.length === 0 ? shared : engines.map(engineName).join(", ");
}

function sharedLast([one]: [string, unknown], [other]: [string, unknown]): number {
  return Number(one === shared) - Number(other === shared) || one.localeCompare(other);
}

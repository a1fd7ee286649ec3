import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { LineChange } from "../../src/workbench/wire/prompts.ts";
import { html } from "../html.ts";
import { prompts } from "./data/prompts.ts";
import { LineDiff } from "./diff-view.ts";

interface ComparedProps {
  before: string;
  after: string;
  label: string;
}

/** The delay after the last change, since texts change while the user types. */
const compareAfterMs = 150;

/** The line diff of two texts, made by the server. */
export function Compared({ before, after, label }: ComparedProps) {
  const lines = useSignal<readonly LineChange[] | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(
      () =>
        prompts.compare(before, after).then(
          (found) => {
            if (!isCurrent) return;
            lines.value = found;
            problem.value = "";
          },
          ({ message }: Error) => {
            if (isCurrent) problem.value = message;
          },
        ),
      lines.peek() ? compareAfterMs : 0,
    );
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [before, after]);
  if (problem.value)
    return html`<p class="problem" role="status">The texts could not be compared: ${problem.value}</p>`;
  return lines.value ? html`<${LineDiff} lines=${lines.value} label=${label} />` : null;
}

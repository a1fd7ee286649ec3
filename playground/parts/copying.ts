import { useState } from "preact/hooks";

import { html } from "../html.ts";
import { IconButton } from "./button.ts";

const feedbackMs = 1_500;

/** A button that copies the result of `text()` and briefly shows whether that worked. */
export function CopyButton({ label, text }: { label: string; text: () => string }) {
  const [outcome, setOutcome] = useState<"done" | "failed" | undefined>(undefined);
  const words = { done: "Copied", failed: "The browser does not allow copying" };

  async function copy() {
    setOutcome((await copied(text())) ? "done" : "failed");
    setTimeout(() => setOutcome(undefined), feedbackMs);
  }
  return html`<${IconButton} icon=${outcome ?? "copy"} label=${outcome ? words[outcome] : label} press=${copy} />`;
}

/** Copies a text. Resolves to false if the browser does not allow it. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // pages over plain HTTP have no clipboard API
  }
}

function copiedBySelection(text: string): boolean {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return isCopied;
}

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

import { html } from "./html.ts";

/** The dialog that connects a real model. */
interface DialogProps {
  close: () => void;
}
const file = "./model/connect-model.ts";
const dialog = signal<ComponentType<DialogProps> | undefined>(undefined);

/** Opens the dialog, which is loaded only then. */
export async function openModelDialog(): Promise<void> {
  const { ConnectModel } = (await import(file)) as { ConnectModel: ComponentType<DialogProps> };
  dialog.value = ConnectModel;
}

export function ModelDialog() {
  return dialog.value && html`<${dialog.value} close=${close} />`;
}

function close(): void {
  dialog.value = undefined;
}

/** Marks the demo model, and offers to connect a real one. */
export function DemoMark() {
  return html`<p class="demo">
    <span>The demo model answers: its answers are written beforehand.</span>
    <button type="button" onClick=${openModelDialog}>Connect a model</button>
  </p>`;
}

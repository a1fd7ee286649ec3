import { html } from "./html.ts";
import { lazy } from "./parts/lazy.ts";
import { isModelDialogOpen } from "./session/open.ts";

const ConnectModel = lazy(async () => (await import("./model/connect-model.ts")).ConnectModel);

/** The dialog that connects a real model. */
export function ModelDialog() {
  return isModelDialogOpen.value && html`<${ConnectModel} close=${close} />`;
}

function close(): void {
  isModelDialogOpen.value = false;
}

export function openModelDialog(): void {
  isModelDialogOpen.value = true;
}

/** Says that the demo model answers, and offers to connect a real one. */
export function DemoMark() {
  return html`<p class="demo">
    <span>This is the demo model: its answers are canned.</span>
    <button type="button" onClick=${openModelDialog}>Connect a model</button>
  </p>`;
}

import { isComposing } from "./parts/composing.ts";
import { stop } from "./session/actions.ts";
import { isHelpOpen, isPaletteOpen } from "./session/open.ts";
import { waitingRequests } from "./session/waiting.ts";

/** Shortcuts that work anywhere on the page. */
export function watchKeys(): void {
  addEventListener("keydown", (event) => {
    const isInDialog = document.querySelector("dialog[open]") !== null;
    if (event.defaultPrevented || isComposing(event) || isInDialog) return;
    // The path also has what is in a shadow root, such as the prompt editor.
    const within = (selector: string) =>
      event.composedPath().some((one) => one instanceof Element && one.matches(selector));
    const isTyping = within("input, textarea, select, [contenteditable]");
    const hasModifier = event.ctrlKey || event.metaKey || event.altKey;
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") isPaletteOpen.value = true;
    else if (event.key === "Escape" && !within("#workbench") && waitingRequests.value === 0) stop();
    else if (event.key === "?" && !isTyping && !hasModifier) isHelpOpen.value = true;
    else return;
    event.preventDefault();
  });
}

import { iconButton } from "./button.js";

const feedbackMs = 1_500;

/** Copies the result of `text()` and briefly shows whether that worked. */
export function copyButton(label, text) {
  const made = iconButton("copy", label, async () => {
    const isCopied = await copied(text());
    say(isCopied ? "done" : "failed", isCopied ? "Copied" : "The browser does not allow copying");
    setTimeout(() => say("copy", label), feedbackMs);
  });

  function say(icon, words) {
    made.dataset.icon = icon;
    made.title = words;
    made.setAttribute("aria-label", words);
  }
  return made;
}

export async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copiedBySelection(text); // pages over plain HTTP have no clipboard API
  }
}

function copiedBySelection(text) {
  const field = document.createElement("textarea");
  const focused = document.activeElement;
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  return isCopied;
}

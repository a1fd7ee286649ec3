import { iconButton } from "./button.js";

const thanksMs = 1_500;

/** Copies what `text` gives at that moment, and says so for a while. */
export function copyButton(label, text) {
  const made = iconButton("copy", label, async () => {
    const isCopied = await copied(text());
    say(isCopied ? "done" : "failed", isCopied ? "Copied" : "The browser does not let this page copy");
    setTimeout(() => say("copy", label), thanksMs);
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
    return copiedBySelection(text); // plain HTTP from another machine has no clipboard
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

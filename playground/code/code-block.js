import { copyButton } from "../copy-button.js";
import { element } from "../element.js";
import { highlighted } from "./highlight.js";

/** Code with a title and a copy button. */
export function codeBlock(code, title) {
  const text = element("code", "", code);
  const pre = element("pre", "", text);
  pre.tabIndex = 0; // so that the keyboard can scroll it
  const copy = copyButton("Copy code", () => text.textContent);
  const head = element("div", "code-head", element("span", "", title), copy);
  const root = element("div", "code-block", head, pre);
  root.dir = "ltr";
  return root;
}

/** Turns the plain `pre` elements of an answer into code blocks. */
export function dressCode(root) {
  for (const pre of root.querySelectorAll("pre")) {
    const code = pre.firstElementChild ?? pre;
    const language = /^language-(\S+)$/.exec(code.className)?.[1] ?? "";
    const dressed = codeBlock(code.textContent, language || "text");
    dressed.dataset.language = language;
    pre.replaceWith(dressed);
  }
}

/** Highlights the code blocks of a finished part of an answer. */
export async function colourCode(root) {
  for (const block of root.querySelectorAll(".code-block[data-language]")) {
    const { language } = block.dataset;
    delete block.dataset.language;
    const code = block.querySelector("code");
    const coloured = await highlighted(code.textContent, language);
    if (coloured) code.replaceChildren(coloured);
  }
}

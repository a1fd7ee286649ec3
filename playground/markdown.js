import { colourCode, dressCode } from "./code/code-block.js";
import { element } from "./element.js";
import { Marked } from "./marked.js";
import { sanitisedAnswer } from "./sanitise.js";

/** HTML in an answer is shown as text. Images become links, since they would be loaded from other hosts. */
const marked = new Marked({
  renderer: {
    html: ({ text, block }) => {
      if (/^<br\s*\/?>$/i.test(text)) return "<br>";
      return block ? `<p>${escaped(text)}</p>` : escaped(text);
    },
    image: ({ href, text }) => `<a href="${escaped(href)}">${escaped(text || href)}</a>`,
    checkbox: ({ checked }) => (checked ? "☑ " : "☐ "),
  },
});

/**
 * Renders a growing Markdown text. Only changed blocks are rendered again, so a selection in other blocks survives. Code is
 * highlighted once another block follows, or when `isWhole` is true.
 */
export function markdownView(root) {
  let blocks = [];
  let definitions = 0;

  function update(text) {
    const tokens = marked.lexer(text);
    const defined = Object.keys(tokens.links).length;
    if (defined !== definitions) blocks = []; // earlier blocks may use the new link definition
    definitions = defined;
    const kept = blocks.findIndex(({ raw }, index) => raw !== tokens[index]?.raw);
    blocks = [...blocks.slice(0, kept < 0 ? blocks.length : kept)];
    const fresh = tokens
      .slice(blocks.length)
      .map(({ raw }, index) => ({ raw, node: rendered(tokens[blocks.length + index]) }));
    blocks.push(...fresh);
    const above = blocks.length - fresh.length;
    while (root.childNodes.length > above) root.lastChild.remove();
    root.append(...fresh.map(({ node }) => node));
  }

  function colour(isWhole) {
    for (const block of isWhole ? blocks : blocks.slice(0, -1)) {
      if (block.isColoured) continue;
      block.isColoured = true;
      colourCode(block.node).catch(() => {}); // without its grammar, the code stays plain
    }
  }

  return (text, isWhole = false) => {
    try {
      update(text);
      colour(isWhole);
    } catch {
      // The text is nested too deeply for the parser: show it unrendered.
      blocks = [];
      root.textContent = text;
    }
  };
}

function rendered(token) {
  const block = element("div", "block", sanitisedAnswer(marked.parser([token]).trim()));
  dressCode(block);
  return block;
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

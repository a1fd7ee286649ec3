import { element } from "./element.js";
import { Marked } from "./marked.js";
import DOMPurify from "./purify.js";

/** HTML in an answer is shown, not obeyed; pictures, which would be fetched from elsewhere, become links. */
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

const purify = DOMPurify(window);
const allowed = {
  ALLOWED_TAGS: [
    ..."#text p br hr strong em del code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 a".split(" "),
    ..."table thead tbody tr th td".split(" "),
  ],
  ALLOWED_ATTR: ["href", "title", "start", "align"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true,
};
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** Shows a Markdown text that grows: only the blocks that changed are made anew, so a selection above survives. */
export function markdownView(root) {
  let blocks = [];
  let definitions = 0;

  function update(text) {
    const tokens = marked.lexer(text);
    const defined = Object.keys(tokens.links).length;
    if (defined !== definitions) blocks = []; // links above may refer to it
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

  return (text) => {
    try {
      update(text);
    } catch {
      // Nested deeper than the parser can follow: as it was written is better than not at all.
      blocks = [];
      root.textContent = text;
    }
  };
}

function rendered(token) {
  return element("div", "block", purify.sanitize(marked.parser([token]).trim(), allowed));
}

function escaped(text) {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

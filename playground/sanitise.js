const purify = globalThis.DOMPurify(window);

/** What an answer may consist of. */
const answer = {
  ALLOWED_TAGS: [
    ..."#text p br hr strong em del code pre blockquote ul ol li h1 h2 h3 h4 h5 h6 a".split(" "),
    ..."table thead tbody tr th td".split(" "),
  ],
  ALLOWED_ATTR: ["href", "title", "start", "align", "class"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:\/\/|mailto:)/i,
  RETURN_DOM_FRAGMENT: true,
};

/** What the highlighter makes: text with classes. */
const colours = { ...answer, ALLOWED_TAGS: ["#text", "span"], ALLOWED_ATTR: ["class"] };

/** A class names a code block's language, or what a piece of code is, and nothing else. */
const classes = { CODE: /^language-\S+$/, SPAN: /^hljs-[\w-]+(?: [\w-]+_)*$/ };

purify.addHook("uponSanitizeAttribute", (node, attribute) => {
  if (attribute.attrName !== "class") return;
  attribute.keepAttr = classes[node.tagName]?.test(attribute.attrValue) ?? false;
});
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** The HTML of an answer, as nodes that do nothing. */
export function sanitisedAnswer(html) {
  return purify.sanitize(html, answer);
}

/** The HTML of the highlighter, as nodes that do nothing. */
export function sanitisedColours(html) {
  return purify.sanitize(html, colours);
}

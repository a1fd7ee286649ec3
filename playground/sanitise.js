const purify = globalThis.DOMPurify(window);

/** The HTML that answers may contain. */
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

/** The HTML of highlighted code: text in spans with classes. */
const colours = { ...answer, ALLOWED_TAGS: ["#text", "span"], ALLOWED_ATTR: ["class"] };

/** The only classes allowed: a code block's language, a formula's, and the highlighter's. */
const classes = { CODE: /^(?:formula|language-\S+)$/, SPAN: /^hljs-[\w-]+(?: [\w-]+_)*$/ };

purify.addHook("uponSanitizeAttribute", (node, attribute) => {
  if (attribute.attrName !== "class") return;
  attribute.keepAttr = classes[node.tagName]?.test(attribute.attrValue) ?? false;
});
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer");
});

/** Sanitises an answer's HTML. Returns a document fragment. */
export function sanitisedAnswer(html) {
  return purify.sanitize(html, answer);
}

/** Sanitises the highlighter's HTML. Returns a document fragment. */
export function sanitisedColours(html) {
  return purify.sanitize(html, colours);
}

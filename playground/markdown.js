import { colourCode, dressCode } from "./code/code-block.js";
import { setDirections } from "./direction.js";
import { element } from "./element.js";
import { htmlOf, tokensOf } from "./markdown-tokens.js";
import { plainText } from "./plain-text.js";
import { sanitisedAnswer } from "./sanitise.js";

/** In ms. What does not fit into a frame is rendered in the next ones. */
const frameMs = 100;

/** In ms, of all frames that were not enough. What takes longer is not rendered. */
const mostMs = 3_000;

/**
 * Renders a growing Markdown text. Only its end is read again, and only changed blocks are rendered again, so a selection in other blocks
 * survives. Code is highlighted once another block follows, or when `isWhole` is true. From where a text takes too long, it is shown as it is.
 */
export function markdownView(root) {
  let last = "";
  let isEnded = false;
  let blocks = [];
  /** How many blocks do not change any more, the length of their text, and their link definitions. */
  let settled = { count: 0, units: 0, links: {} };
  let hasLinks = false;
  let behindMs = 0;
  let frame;
  /** Shows the rest as it is. */
  let plain;

  function reset() {
    blocks = [];
    settled = { count: 0, units: 0, links: {} };
    hasLinks = false;
    behindMs = 0;
    plain = undefined;
    root.replaceChildren();
  }

  function keep(count) {
    blocks.splice(count);
    while (root.childNodes.length > count) root.lastChild.remove();
  }

  function update() {
    cancelAnimationFrame(frame);
    try {
      if (!plain) render(last.slice(settled.units));
    } catch {
      // It takes too long, or it is nested too deeply for the parser.
      keep(settled.count);
      plain = plainText(root);
    }
    plain?.(last.slice(settled.units));
    for (const block of isEnded ? blocks : blocks.slice(0, -1)) colour(block);
  }

  function render(rest) {
    const begunAt = performance.now();
    const tokens = tokensOf(rest, settled.links);
    hasLinks ||= Object.keys(tokens.links).length > 0;
    const changed = tokens.findIndex(({ raw }, index) => raw !== blocks[settled.count + index]?.raw);
    const first = changed < 0 ? tokens.length : changed;
    keep(settled.count + first);
    const until = performance.now() + frameMs;
    for (const token of tokens.slice(first)) {
      if (performance.now() > until) {
        behindMs += performance.now() - begunAt;
        if (behindMs > mostMs) throw new RangeError("The text takes too long.");
        frame = requestAnimationFrame(update);
        break;
      }
      const node = rendered(token);
      blocks.push({ raw: token.raw, node });
      root.append(node);
    }
    const isComplete = tokens.reduce((sum, { raw }) => sum + raw.length, 0) === rest.length;
    if (isComplete) settle(tokens);
  }

  /** Only the last two blocks with words change when more text comes. */
  function settle(tokens) {
    const worded = tokens.flatMap(({ type }, index) => (type === "space" ? [] : [index]));
    const until = Math.min(worded.at(-2) ?? 0, blocks.length - settled.count);
    for (const { type, raw, tag, href, title } of tokens.slice(0, until)) {
      settled.count += 1;
      settled.units += raw.length;
      if (type === "def") settled.links[tag] ??= { href, title };
    }
  }

  return (given, isWhole = false) => {
    const text = given.replace(/\r\n?/g, "\n");
    const isForEarlier = isWhole && hasLinks && settled.count > 0; // a definition counts for all of the text
    if (!text.startsWith(last) || isForEarlier) reset();
    last = text;
    isEnded = isWhole;
    update();
  };
}

function colour(block) {
  if (block.isColoured) return;
  block.isColoured = true;
  colourCode(block.node).catch(() => {}); // without its grammar, the code stays plain
}

function rendered(token) {
  const block = element("div", "block", sanitisedAnswer(htmlOf(token)));
  setDirections(block);
  dressCode(block);
  return block;
}

import { type ComponentChild, h } from "preact";

/** The highlighter's whole output: spans with a class, their ends, and text with these entities. */
const parts = /<span class="([^"<>]*)">|(<\/span>)|&(amp|lt|gt|quot|#x27);|[^<&]+/g;
const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

/** Parses the highlighter's HTML without passing it to the browser. */
export function vnodesOf(markup: string): ComponentChild[] {
  const root: ComponentChild[] = [];
  const open: { className: string; children: ComponentChild[] }[] = [];
  const into = () => open.at(-1)?.children ?? root;
  for (const [text, className, end, entity] of markup.matchAll(parts)) {
    if (className !== undefined) open.push({ className, children: [] });
    else if (end) {
      const ended = open.pop();
      if (ended) into().push(h("span", { class: ended.className }, ended.children));
    } else into().push(entity ? entities[entity] : text);
  }
  return root;
}

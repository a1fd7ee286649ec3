import { element } from "../element.js";

/** Deeper than this a value is closed at first. */
const openDepth = 2;

/** A JSON value as a tree whose lists and objects open and close. */
export function jsonView(value, depth = 0) {
  if (typeof value === "string") return element("span", "json string", value || '""');
  if (typeof value !== "object" || value === null) return element("span", "json atom", String(value ?? null));
  const entries = Object.entries(value);
  if (entries.length === 0) return element("span", "json atom", Array.isArray(value) ? "[]" : "{}");
  const count = `${entries.length} ${Array.isArray(value) ? "items" : "fields"}`;
  const rows = entries.map(([key, item]) => element("li", "", element("span", "key", key), jsonView(item, depth + 1)));
  const tree = element("details", "json", element("summary", "", count), element("ul", "", ...rows));
  tree.open = depth < openDepth;
  return tree;
}

import { element } from "./element.js";

/** Any JSON value, readable: lists as lists, objects as terms, everything else as text. */
export function valueView(value) {
  if (Array.isArray(value)) {
    if (value.length === 0) return element("span", "nothing", "none");
    return element("ol", "", ...value.map((item) => element("li", "", valueView(item))));
  }
  if (typeof value === "object" && value !== null) return termsView(Object.entries(value));
  return element("span", "text", value === null || value === undefined || value === "" ? "none" : String(value));
}

/** Pairs of a name and a value. */
export function termsView(pairs) {
  const rows = pairs.map(([name, value]) =>
    element("div", "", element("dt", "", name.replaceAll("_", " ")), element("dd", "", valueView(value))),
  );
  return element("dl", "", ...rows);
}

import { element } from "../element.js";
import { delta, figures } from "./figures.js";
import { jsonView } from "./json-view.js";

/** Compares a replay with its original: figures, a word diff of the answers, both answers, and the steps. */
export function comparison(result) {
  const { original, response, steps, diff } = result;
  const found = (list) => (list.length > 0 ? list.map(({ name, finding }) => jsonView(name, finding)) : ["none"]);
  return element(
    "div",
    "comparison",
    figuresTable(figures(original.turn, original.cost), figures(result, result.cost)),
    element("h4", "", "What changed in the answer"),
    diffView(diff.response),
    columns("Both answers", [original.turn.response ?? ""], [response]),
    columns("Steps", found(original.steps), found(steps)),
  );
}

function figuresTable(before, after) {
  const titles = new Set([...before, ...after].map(({ title }) => title));
  const rows = [...titles].map((title) => {
    const [one, other] = [before, after].map((list) => list.find((figure) => figure.title === title));
    const isSame = one?.text === other?.text;
    const change =
      one?.number === undefined ? (isSame ? "" : "changed") : delta(one.number, other?.number, one.written);
    const changed = element("td", "delta", change);
    changed.dataset.sign = change[0] ?? "";
    const head = element("th", "", title);
    head.scope = "row";
    return element("tr", "", head, ...[one, other].map((figure) => element("td", "", figure?.text ?? "–")), changed);
  });
  const heads = ["Figure", "Original", "Replay", "Change"].map((title) => element("th", "", title));
  return element("table", "", element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows));
}

/** Additions and removals are `ins` and `del`, which screen readers announce. */
function diffView(changes) {
  const pieces = changes.map(({ value, added, removed }) =>
    element(added ? "ins" : removed ? "del" : "span", "", value),
  );
  const isSame = changes.every(({ added, removed }) => !added && !removed);
  return isSame
    ? element("p", "about", "Nothing. The answers are identical.")
    : element("p", "answer-text diff", ...pieces);
}

function columns(title, original, replay) {
  const column = (name, content) => element("div", "answer-text", element("h4", "", name), ...content);
  const both = element("div", "columns", column("Original", original), column("Replay", replay));
  return element("details", "section", element("summary", "", title), both);
}

import { element } from "../element.js";
import { delta, figures } from "./figures.js";
import { jsonView } from "./json-view.js";

/** A replay beside its original: figures with their differences, the answer's changed words, both answers, the steps. */
export function comparison(result) {
  const { original, response, steps, diff } = result;
  const answers = [column("Original", original.turn.response ?? ""), column("Replay", response)];
  const findings = [column("Original", stepsView(original.steps)), column("Replay", stepsView(steps))];
  return element(
    "div",
    "comparison",
    figuresTable(figures(original), figures({ turn: result, cost: result.cost })),
    element("h4", "", "What changed in the answer"),
    diffView(diff.response),
    details("Both answers", ...answers),
    details("Steps", ...findings),
  );
}

function figuresTable(before, after) {
  const cell = (text = "–", tag = "td") => element(tag, "", text);
  const titles = new Set([...before, ...after].map(({ title }) => title));
  const rows = [...titles].map((title) => {
    const [one, other] = [before, after].map((list) => list.find((figure) => figure.title === title));
    const change = one?.number === undefined ? "" : delta(one.number, other?.number, one.written);
    const changed = element("td", "delta", change || (one?.text === other?.text ? "" : "changed"));
    changed.dataset.sign = change[0] ?? "";
    const head = cell(title, "th");
    head.scope = "row";
    return element("tr", "", head, cell(one?.text), cell(other?.text), changed);
  });
  const heads = ["", "Original", "Replay", "Change"].map((title) => (title ? cell(title, "th") : cell("")));
  return element("table", "", element("thead", "", element("tr", "", ...heads)), element("tbody", "", ...rows));
}

/** What went is struck out and what came is underlined; `ins` and `del` say it to those who listen. */
function diffView(changes) {
  if (changes.every(({ added, removed }) => !added && !removed))
    return element("p", "about", "Nothing: the same words.");
  const pieces = changes.map(({ value, added, removed }) =>
    element(added ? "ins" : removed ? "del" : "span", "", value),
  );
  return element("p", "answer-text diff", ...pieces);
}

function stepsView(steps) {
  if (steps.length === 0) return "none";
  return element(
    "div",
    "",
    ...steps.map(({ name, finding }) => element("div", "", element("h5", "", name), jsonView(finding))),
  );
}

function column(title, content) {
  return element("div", "answer-text", element("h4", "", title), content);
}

function details(title, ...columns) {
  return element("details", "section", element("summary", "", title), element("div", "columns", ...columns));
}

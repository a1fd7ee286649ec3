import { button } from "../button.js";
import { element } from "../element.js";
import { figures } from "./figures.js";
import { jsonView } from "./json-view.js";

/** All that a turn was asked with and what came of it. */
export function recordView(record, link) {
  const { turn, steps, prompts, memory, request } = record;
  const line = figures(record).map(({ title, text }) => `${title} ${text}`);
  return element(
    "section",
    "record",
    element("h3", "", turn.query),
    element("p", "about", line.join(" · ")),
    section("Answer", element("p", "answer-text", turn.response ?? "")),
    section(`Steps (${steps.length})`, ...steps.map(({ name, finding }) => named(name, jsonView(finding)))),
    section(`Prompts (${prompts.length})`, ...prompts.map(promptView)),
    section("Memory", jsonView(memory)),
    section("Request", jsonView(request)),
    copying(turn.turn_id, link),
  );
}

function promptView({ name, hash, source }) {
  const title = element("summary", "", name, " ", element("code", "hash", hash));
  return element("details", "", title, element("pre", "", source));
}

function section(title, ...content) {
  return element("details", "section", element("summary", "", title), ...content);
}

function named(name, view) {
  return element("div", "part", element("h4", "", name), view);
}

/** Where the page may not write to the clipboard, the line is there to be copied by hand. */
function copying(turnId, link) {
  const said = element("p", "about");
  said.setAttribute("role", "status");
  const press = button("Copy as dataset line", async () => {
    try {
      const { line } = await link.push("get_dataset_line", { turn_id: turnId });
      said.textContent = line;
      await navigator.clipboard.writeText(line);
      said.textContent = "Copied.";
    } catch (refusal) {
      said.textContent ||= refusal.message;
    }
  });
  return element("div", "actions", press, said);
}

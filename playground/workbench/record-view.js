import { button } from "../button.js";
import { copied } from "../copy-button.js";
import { element } from "../element.js";
import { figures } from "./figures.js";
import { jsonView } from "./json-view.js";

/** A turn's inputs and results. */
export function recordView({ turn, cost, steps, reasoning, prompts, memory, request }, link) {
  const line = figures(turn, cost).map(({ title, text }) => `${title} ${text}`);
  return element(
    "section",
    "record",
    element("h3", "", turn.query),
    element("p", "about", line.join(" · ")),
    section("Answer", element("p", "answer-text", turn.response ?? "")),
    ...(reasoning ? [section("Reasoning", element("p", "answer-text", reasoning))] : []),
    section(`Steps (${steps.length})`, ...steps.map(({ name, finding }) => jsonView(name, finding))),
    section(`Prompts (${prompts.length})`, ...prompts.map(promptView)),
    jsonView("Memory", memory, false),
    jsonView("Request", request, false),
    copying(turn.turn_id, link),
  );
}

function promptView({ name, hash, source }) {
  return element(
    "details",
    "",
    element("summary", "", name, " ", element("code", "hash", hash)),
    element("pre", "", source),
  );
}

function section(title, ...content) {
  return element("details", "section", element("summary", "", title), ...content);
}

/** Copies the turn as a dataset line. If the browser does not allow copying, shows the line. */
function copying(turnId, link) {
  const said = element("p", "about");
  said.role = "status";
  const press = button("Copy as dataset line", async () => {
    try {
      const { line } = await link.push("get_dataset_line", { turn_id: turnId });
      said.textContent = (await copied(line)) ? "Copied." : line;
    } catch (refusal) {
      said.textContent = refusal.message;
    }
  });
  return element("div", "choices", press, said);
}

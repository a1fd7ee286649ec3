import { button } from "../button.js";
import { element } from "../element.js";
import { promptChoices } from "./prompt-choices.js";

const numbers = [
  { name: "temperature", step: "0.1", max: "2" },
  { name: "max_tokens", step: "1" },
  { name: "top_p", step: "0.05", max: "1" },
];

/** The form for a replay: prompts, model, settings and the node to start from. */
export function replayForm({ turn, prompts: used, nodes }, { link, prompts, replays }) {
  const choices = promptChoices(prompts, used);
  const model = select("model", "as before", link.joined?.models ?? []);
  const from = select("from", "the beginning", nodes.slice(1));
  const fields = [model, ...numbers.map(numberField), from];
  const problem = element("p", "problem");
  const run = button("Run replay", () => {}, "primary");
  const settings = element("div", "settings", ...fields.map(labelled));
  const root = element("form", "replay-form", element("h3", "", "Replay"), choices.root, settings, problem, run);
  run.type = "submit";
  problem.role = "alert";

  root.addEventListener("submit", async (event) => {
    event.preventDefault();
    const given = fields.filter(({ value }) => value !== "");
    const values = given.map(({ name, value, type }) => [name, type === "number" ? Number(value) : value]);
    const { from, ...llm_config } = Object.fromEntries(values);
    problem.textContent = "";
    try {
      await replays.start({ turn_id: turn.turn_id, prompts: choices.chosen, llm_config, ...(from && { from }) });
    } catch (refusal) {
      problem.textContent = refusal.message;
    }
  });
  return { root, use: choices.use, close: choices.close };
}

function numberField(attributes) {
  return Object.assign(element("input", ""), { type: "number", min: "0", placeholder: "as before", ...attributes });
}

function select(name, nothing, values) {
  const options = [new Option(nothing, ""), ...values.map((value) => new Option(value, value))];
  return Object.assign(element("select", "", ...options), { name });
}

function labelled(field) {
  return element("label", "", element("span", "", field.name.replace("_", " ")), field);
}

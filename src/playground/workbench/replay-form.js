import { button } from "../button.js";
import { element } from "../element.js";
import { sourceField } from "./source-field.js";

const numbers = [
  { name: "temperature", step: "0.1", max: "2" },
  { name: "max_tokens", step: "1" },
  { name: "top_p", step: "0.05", max: "1" },
];

/** How a turn is asked again: with which drafts, which model and settings, and from which node on. */
export function replayForm({ turn, prompts: used, nodes }, { link, prompts, replays }) {
  const drafts = element("fieldset", "drafts", element("legend", "", "Prompts"));
  const model = select(["as then", ""], link.joined?.models ?? []);
  const from = select(["the beginning", ""], nodes);
  const problem = element("p", "problem");
  const run = button("Run replay", () => {}, "primary");
  const fields = numbers.map((attributes) =>
    Object.assign(element("input", ""), { type: "number", min: "0", placeholder: "as then", ...attributes }),
  );
  const settings = [labelled("Model", model), ...fields.map((field) => labelled(field.name.replace("_", " "), field))];
  const root = element(
    "form",
    "replay-form",
    element("h3", "", "Replay"),
    drafts,
    element("div", "settings", ...settings, labelled("From", from)),
    problem,
    run,
  );
  const rows = new Map();
  const unused = new Set();
  run.type = "submit";
  problem.setAttribute("role", "alert");

  /** This turn's prompts and every draft: each with whether its draft is used, and a place to edit it. */
  function show() {
    for (const name of new Set([...used.map(({ name }) => name), ...prompts.draftNames])) {
      if (!prompts.file(name)) continue;
      if (!rows.has(name)) rows.set(name, promptRow(name));
      rows.get(name).show();
    }
  }

  function promptRow(name) {
    const box = Object.assign(element("input", ""), { type: "checkbox", name });
    const state = element("span", "about");
    const edit = button("Edit", () => (field ? shut() : open()));
    const row = element(
      "div",
      "prompt-row",
      element("label", "check", box, element("span", "name", name)),
      state,
      edit,
    );
    let field;
    edit.setAttribute("aria-expanded", "false");
    edit.setAttribute("aria-label", `Edit ${name}`);
    box.addEventListener("change", () => unused[box.checked ? "delete" : "add"](name));
    drafts.append(row);

    function open() {
      field = sourceField(prompts, name);
      edit.setAttribute("aria-expanded", "true");
      row.append(field.root);
      field.field.focus();
    }
    function shut() {
      field?.close();
      field?.root.remove();
      field = undefined;
      edit.setAttribute("aria-expanded", "false");
    }
    return {
      shut,
      show() {
        box.disabled = !prompts.isDraft(name);
        box.checked = prompts.isDraft(name) && !unused.has(name);
        const then = used.find((prompt) => prompt.name === name);
        const isOther = then && then.hash !== prompts.file(name).hash;
        state.textContent = prompts.isDraft(name) ? "use the draft" : isOther ? "changed since" : "";
      },
    };
  }

  async function start() {
    const chosen = prompts.draftNames.filter((name) => !unused.has(name));
    const llm_config = Object.fromEntries(
      fields.filter(({ value }) => value !== "").map(({ name, value }) => [name, Number(value)]),
    );
    if (model.value) llm_config.model = model.value;
    const texts = Object.fromEntries(chosen.map((name) => [name, prompts.source(name)]));
    problem.textContent = "";
    try {
      await replays.start({
        turn_id: turn.turn_id,
        prompts: texts,
        llm_config,
        ...(from.value && { from: from.value }),
      });
    } catch (refusal) {
      problem.textContent = refusal.message;
    }
  }

  root.addEventListener("submit", (event) => {
    event.preventDefault();
    start();
  });
  const forget = prompts.onChange(show);
  show();
  return {
    root,
    use(name) {
      unused.delete(name);
      show();
    },
    close() {
      forget();
      for (const row of rows.values()) row.shut();
    },
  };
}

function select([text, value], names) {
  return element("select", "", new Option(text, value), ...names.map((name) => new Option(name, name)));
}

function labelled(title, field) {
  return element("label", "", element("span", "", title), field);
}

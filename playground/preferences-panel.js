import { readObject, writtenObject } from "./json-object.js";
import { browserStore } from "./storage.js";
import { workbench } from "./workbench-link.js";

const stored = "preferences";
const numbers = ["temperature", "max_tokens", "top_p"];

/** The user's preferences, kept in this browser. They are join parameters, so `saved` has to rejoin. */
export function preferencesPanel(saved) {
  const panel = document.querySelector("#preferences");
  const fields = [...panel.querySelectorAll("[data-preference]")];
  const more = panel.querySelector("#preferences-more");
  const problem = panel.querySelector("#preferences-problem");
  const count = panel.querySelector("#preferences-count");

  function show(values) {
    const rest = { ...values };
    for (const field of fields) {
      field.value = values[field.dataset.preference] ?? "";
      delete rest[field.dataset.preference];
    }
    const keys = Object.keys(values).length;
    more.value = Object.keys(rest).length === 0 ? "" : writtenObject(rest);
    count.textContent = keys === 0 ? "" : `(${keys})`;
  }

  function written() {
    const rest = readObject(more.value);
    const given = fields.filter(({ value }) => value !== "");
    return rest && { ...rest, ...Object.fromEntries(given.map(preferenceOf)) };
  }

  panel.querySelector("#preferences-save").addEventListener("click", () => {
    const values = written();
    const invalid = fields.find((field) => !field.reportValidity());
    problem.textContent = values ? "" : "“Other preferences” is not a JSON object.";
    if (!values || invalid) return;
    const isKept = browserStore.write(stored, JSON.stringify(values));
    show(values);
    problem.textContent = isKept ? "Saved." : "Saved until you leave this page: the browser does not store it.";
    saved();
  });
  workbench.on("joined", ({ models }) => {
    panel.querySelector("#models").replaceChildren(...models.map((model) => new Option(model)));
  });
  show(preferences());

  return {
    values: preferences,
    /** Shows the server's warnings about ignored preferences. */
    warn(warnings) {
      if (warnings.length > 0) problem.textContent = warnings.join(" ");
    },
  };
}

function preferences() {
  return readObject(browserStore.read(stored) ?? "") ?? {};
}

function preferenceOf({ dataset, value }) {
  if (numbers.includes(dataset.preference)) return [dataset.preference, Number(value)];
  if (dataset.preference === "include_sources") return [dataset.preference, value === "true"];
  return [dataset.preference, value];
}

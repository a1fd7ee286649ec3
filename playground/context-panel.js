import { readObject, writtenObject } from "./json-object.js";

/** Shows the conversation's context as JSON. `save` gets the changes. */
export function contextPanel(save) {
  const field = document.querySelector("#context-text");
  const count = document.querySelector("#context-count");
  const problem = document.querySelector("#context-problem");
  let current = {};

  const panel = {
    show(context) {
      const isEdited = field.value !== "" && field.value !== writtenObject(current);
      current = context;
      const keys = Object.keys(context).length;
      count.textContent = keys === 0 ? "" : `(${keys})`;
      if (!isEdited) field.value = writtenObject(context);
    },
  };

  document.querySelector("#context-save").addEventListener("click", async () => {
    const wanted = readObject(field.value);
    problem.textContent = wanted ? "" : "This is not a JSON object.";
    if (!wanted) return;
    try {
      const { context } = await save(changes(current, wanted));
      field.value = "";
      panel.show(context);
      problem.textContent = "Saved.";
    } catch (refusal) {
      problem.textContent = refusal.message;
    }
  });
  return panel;
}

/** The server merges changes into the context, so removed keys are sent as null. */
function changes(current, wanted) {
  const gone = Object.keys(current).filter((key) => !Object.hasOwn(wanted, key));
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted };
}

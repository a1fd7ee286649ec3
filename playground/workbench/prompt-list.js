import { button } from "../button.js";
import { element } from "../element.js";

const shared = "shared";

/** The prompt files, grouped by engine. */
export function promptList(prompts, open) {
  const root = element("div", "prompt-list");

  function item({ name, hash, description, fault }) {
    const badges = [prompts.isDraft(name) && badge("draft", "draft"), fault && badge("invalid", "fault")];
    const press = button("", () => open(name));
    press.dataset.prompt = name;
    press.append(
      element("span", "name", name),
      ...badges.filter(Boolean),
      element("code", "hash", hash),
      element("span", "about", description),
    );
    return element("li", "", press);
  }

  function show() {
    const focused = document.activeElement?.dataset?.prompt;
    const had = root.contains(document.activeElement);
    const groups = Object.entries(Object.groupBy(prompts.files, groupOf)).toSorted(sharedLast);
    root.replaceChildren(
      ...groups.flatMap(([group, files]) => [element("h3", "", group), element("ul", "", ...files.map(item))]),
    );
    if (had) focus(focused);
  }

  function focus(name) {
    if (name) root.querySelector(`[data-prompt="${CSS.escape(name)}"]`)?.focus();
  }

  prompts.onChange(show);
  show();
  return { root, focus };
}

export function badge(words, kind) {
  return element("span", `badge ${kind}`, words);
}

function groupOf({ engines }) {
  return engines.length === 0 ? shared : engines.map((engine) => engine.replaceAll("_", " ")).join(", ");
}

function sharedLast([one], [other]) {
  return Number(one === shared) - Number(other === shared) || one.localeCompare(other);
}

import { element } from "../element.js";
import { promptChoice } from "./prompt-choice.js";

/** For each prompt of a replay: use the original text or the current one, which can be edited here. */
export function promptChoices(prompts, used) {
  const root = element("fieldset", "drafts", element("legend", "", "Use the current prompt text"));
  const hashes = new Map(used.map(({ name, hash }) => [name, hash]));
  const choices = new Map();

  function show() {
    for (const name of new Set([...hashes.keys(), ...prompts.draftNames])) {
      if (!prompts.file(name)) continue;
      if (choices.has(name)) continue;
      choices.set(name, promptChoice(prompts, name, hashes.get(name)));
      root.append(choices.get(name).root);
    }
    for (const choice of choices.values()) choice.show();
  }

  const forget = prompts.onChange(show);
  show();
  return {
    root,
    get chosen() {
      const names = [...choices.keys()].filter((name) => choices.get(name).isChosen);
      return Object.fromEntries(names.map((name) => [name, prompts.source(name)]));
    },
    use: (name) => choices.get(name)?.use(),
    close() {
      forget();
      for (const { shut } of choices.values()) shut();
    },
  };
}

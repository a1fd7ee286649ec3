import { button } from "../button.js";
import { element } from "../element.js";
import { lineDiff } from "./line-diff.js";

/** The file changed on disk while a draft of it was written: both, line by line, and what to do about it. */
export function conflictView(prompts, name, save) {
  const lines = element("pre", "diff");
  const overwrite = button("Save mine over it", () => {
    prompts.keepMine(name);
    return save();
  });
  const choices = element(
    "div",
    "choices",
    button("Take theirs", () => prompts.revert(name)),
    button("Keep mine as a draft", () => prompts.keepMine(name)),
    overwrite,
  );
  const title = element("p", "", "This file changed on disk while you wrote. − is the file, + is yours.");
  const root = element("div", "conflict", title, lines, choices);
  root.role = "group";
  root.ariaLabel = "Conflict";
  title.role = "alert";
  lines.tabIndex = 0;
  lines.ariaLabel = "Theirs and mine, line by line";

  return {
    root,
    show() {
      root.hidden = !prompts.isConflict(name);
      if (root.hidden) return;
      overwrite.hidden = !prompts.canEdit;
      const all = lineDiff(prompts.file(name).source, prompts.source(name));
      const isNear = (_, at) => all.slice(Math.max(0, at - 2), at + 3).some(({ sign }) => sign !== " ");
      const shown = all.filter(isNear);
      lines.replaceChildren(...shown.map(({ sign, line }) => element(tags[sign], "", `${sign} ${line}\n`)));
    },
  };
}

const tags = { "+": "ins", "−": "del", " ": "span" };

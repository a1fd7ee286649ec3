import { button } from "../button.js";
import { element } from "../element.js";
import { lineDiff } from "./line-diff.js";

/** Shown when a file changed on disk while there is a draft of it: a line diff, and buttons to resolve the conflict. */
export function conflictView(prompts, name, save) {
  const lines = element("pre", "diff");
  const overwrite = button("Overwrite the file", () => {
    prompts.keepMine(name);
    return save();
  });
  const choices = element(
    "div",
    "choices",
    button("Discard my draft", () => prompts.revert(name)),
    button("Keep my draft", () => prompts.keepMine(name)),
    overwrite,
  );
  const title = element("p", "", "The file changed on disk while you were editing. − is the file, + is your draft.");
  const root = element("div", "conflict", title, lines, choices);
  root.role = "group";
  root.ariaLabel = "Conflict";
  title.role = "alert";
  lines.tabIndex = 0;
  lines.ariaLabel = "Differences between the file and the draft";

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

import { element } from "../element.js";
import { recordView } from "./record-view.js";
import { replayForm } from "./replay-form.js";
import { replayView } from "./replay-view.js";

/** The selected turn: what it was asked with, a form to ask it again, and what its replays gave. */
export function turnTab(pane, { link, prompts, turn, replays }) {
  const note = element("p", "about");
  const content = element("div", "");
  const results = element("div", "replays");
  const views = new Map();
  let form;
  let wanted = 0;
  note.setAttribute("role", "status");
  pane.append(note, content, results);

  async function load() {
    const own = ++wanted;
    const isShown = content.dataset.turn === turn.id;
    form?.close();
    form = undefined;
    if (!isShown) content.replaceChildren();
    showReplays();
    note.textContent =
      turn.id === undefined ? "No turn yet: ask something." : turn.isOver ? "" : "This turn still runs.";
    if (!turn.isOver) return;
    try {
      const record = await link.push("get_turn", { turn_id: turn.id });
      if (own !== wanted) return;
      form = replayForm(record, { link, prompts, replays });
      content.replaceChildren(recordView(record, link), form.root);
    } catch (refusal) {
      if (own === wanted) note.textContent = refusal.message;
    }
  }

  function showReplays() {
    const shown = replays.of(turn.id).map((replay) => {
      if (!views.has(replay.id)) views.set(replay.id, replayView(replay, replays));
      return views.get(replay.id).root;
    });
    if (shown.some((root, index) => results.children[index] !== root) || shown.length !== results.children.length)
      results.replaceChildren(...shown);
  }

  turn.onChange(load);
  replays.onChange((replay) => {
    showReplays();
    views.get(replay.id)?.show();
  });
  link.on("joined", load);
  return {
    /** From the editor: this draft is to be tried. */
    use: (name) => form?.use(name),
  };
}

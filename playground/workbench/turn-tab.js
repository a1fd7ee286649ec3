import { element } from "../element.js";
import { recordView } from "./record-view.js";
import { replayForm } from "./replay-form.js";
import { replayView } from "./replay-view.js";

/** The selected turn: its record, the replay form and its replays. */
export function turnTab(pane, { link, prompts, turn, replays }) {
  const note = element("p", "about");
  const content = element("div", "");
  const results = element("div", "");
  const views = new Map();
  let form;
  let shown;
  note.role = "status";
  pane.append(note, content, results);

  function show() {
    const { id, isOver } = turn;
    const next = `${id} ${isOver}`;
    showReplays();
    if (next === shown) return;
    shown = next;
    form?.close();
    form = undefined;
    content.replaceChildren();
    note.textContent = id === undefined ? "No turn yet. Ask something." : isOver ? "" : "This turn is still running.";
    if (isOver) load(id, () => shown === next);
  }

  async function load(id, isWanted) {
    try {
      const record = await link.push("get_turn", { turn_id: id });
      if (!isWanted()) return;
      form = replayForm(record, { link, prompts, replays });
      content.replaceChildren(recordView(record, link), form.root);
    } catch (refusal) {
      if (!isWanted()) return;
      note.textContent = refusal.message;
      shown = undefined; // so that the next update tries again
    }
  }

  function showReplays() {
    const roots = replays.of(turn.id).map((replay) => {
      if (!views.has(replay.id)) views.set(replay.id, replayView(replay, replays));
      return views.get(replay.id).root;
    });
    const isSame = roots.length === results.children.length && roots.every((root, at) => root === results.children[at]);
    if (!isSame) results.replaceChildren(...roots);
  }

  turn.onChange(show);
  replays.onChange(({ id }) => {
    showReplays();
    views.get(id)?.show();
  });
  link.on("joined", show);
  return {
    /** Selects a draft for the next replay. */
    use: (name) => form?.use(name),
  };
}

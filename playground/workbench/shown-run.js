import { signal } from "./signal.js";

/** What the graph shows: the selected turn, or a turn or replay that started after the selection. */
export function shownRun(turn, runs) {
  const changed = signal();
  let key = turn.id;

  function show(next) {
    key = next;
    changed.tell();
  }

  turn.onChange(() => turn.id !== key && show(turn.id));
  runs.onBegin((begun, _path, isFirst) => isFirst && begun !== key && show(begun));
  return {
    onChange: changed.on,
    get key() {
      return key;
    },
  };
}

import { signal } from "./signal.js";

/** What the graph shows: the turn that was selected, or whatever began to run since. */
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

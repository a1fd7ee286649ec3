import { signal } from "./signal.js";

/** How many turns and replays are kept. */
const maxLogs = 40;

/** The node runs of each turn and replay, ordered by start time. */
export function runLog(link) {
  const changed = signal();
  const begun = signal();
  const logs = new Map();

  function logOf(key) {
    if (!logs.has(key)) {
      logs.set(key, new Map());
      if (logs.size > maxLogs) logs.delete(logs.keys().next().value);
    }
    return logs.get(key);
  }

  link.on("node_started", ({ turn_id, replay_id, run_id, node, path, input }) => {
    const key = replay_id ?? turn_id;
    const isFirst = !logs.has(key);
    logOf(key).set(run_id, { node, path, input, state: "running" });
    begun.tell(key, path, isFirst);
    changed.tell(key);
  });
  link.on("node_finished", ({ turn_id, replay_id, run_id, node, path, output, ms, error }) => {
    const key = replay_id ?? turn_id;
    const run = logOf(key).get(run_id) ?? { node, path };
    logOf(key).set(run_id, { ...run, output, ms, error, state: error === undefined ? "done" : "failed" });
    changed.tell(key);
  });
  link.on("left", () => {
    // the end of these runs will not be reported
    for (const [key, log] of logs) {
      for (const [id, { state }] of log) if (state === "running") log.delete(id);
      changed.tell(key);
    }
  });
  return {
    onChange: changed.on,
    onBegin: begun.on,
    has: (key) => logs.has(key),
    of: (key) => [...(logs.get(key)?.values() ?? [])],
  };
}

import { signal } from "./signal.js";

/** The replays started on this page, with their progress and result. */
export function replayList(link) {
  const changed = signal();
  const replays = new Map();

  function update(id, what) {
    const replay = replays.get(id);
    if (!replay) return;
    Object.assign(replay, what);
    changed.tell(replay);
  }

  const fail = ({ replay_id, code, message }) =>
    update(replay_id, { state: code === "stopped" ? code : "failed", message });
  link.on("replay_progress", ({ replay_id, stage, step }) => update(replay_id, { stage: step ?? stage }));
  link.on("replay_delta", ({ replay_id, text, restart }) => {
    const before = restart ? "" : replays.get(replay_id)?.text;
    update(replay_id, { stage: "answering", text: `${before}${text}` });
  });
  link.on("replay_finished", (result) => update(result.replay_id, { state: "finished", result }));
  link.on("replay_failed", fail);
  link.on("left", () => {
    const running = [...replays.values()].filter(({ state }) => state === "running");
    for (const { id } of running) fail({ replay_id: id, message: "The connection was lost." });
  });
  return {
    onChange: changed.on,
    of: (turnId) => [...replays.values()].filter((replay) => replay.turnId === turnId).toReversed(),
    async start(request) {
      const { replay_id: id } = await link.push("replay", request);
      const prompts = Object.keys(request.prompts ?? {});
      replays.set(id, { id, turnId: request.turn_id, prompts, state: "running", stage: "started", text: "" });
      update(id, {});
    },
    stop: (id) => link.push("stop_replay", { replay_id: id }),
  };
}

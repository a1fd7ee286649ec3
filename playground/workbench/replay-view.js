import { button } from "../button.js";
import { element } from "../element.js";
import { comparison } from "./comparison.js";

/** One replay: its answer while it streams, then the comparison with the original. */
export function replayView(replay, replays) {
  const stop = button("Stop replay", () => replays.stop(replay.id).catch(({ message }) => say(message)));
  const stage = element("p", "about");
  const preview = element("p", "answer-text");
  const what = replay.prompts.length > 0 ? `with ${replay.prompts.join(", ")}` : "with the same prompts";
  const title = element("div", "toolbar", element("h3", "", "Replay"), element("span", "about", what), stop);
  const root = element("article", "replay", title, stage, preview);
  stage.role = "status";

  function say(words) {
    stage.textContent = words;
  }

  function show() {
    root.dataset.state = replay.state;
    stop.hidden = replay.state !== "running";
    preview.textContent = replay.text;
    if (replay.state === "running") say(`Running: ${replay.stage}…`);
    else say(replay.result ? "Finished" : (replay.message ?? replay.state));
    if (replay.result) preview.replaceWith(comparison(replay.result));
  }

  show();
  return { root, show };
}

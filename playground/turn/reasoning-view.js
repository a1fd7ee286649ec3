import { element } from "../element.js";
import { duration } from "./duration.js";

/** What the model tells about its thinking: folded, and left out as long as there is none. */
export function reasoningView() {
  const label = element("summary");
  const text = document.createTextNode("");
  const words = element("p", "", text);
  words.dir = "auto";
  const details = element("details", "", label, words);
  const root = element("div", "reasoning");
  let startedAt;
  let thoughtMs = 0;
  let isTimed = true;

  function show(whole) {
    text.data = whole;
    if (whole === "") details.remove();
    else if (!root.firstChild) root.append(details);
  }

  return {
    root,
    /** Adds a piece. `isWatched` is false if the page may have missed the beginning. */
    add({ text: whole, delta, restart }, isWatched) {
      isTimed &&= isWatched;
      if (restart || text.data === "") show(whole);
      else text.appendData(delta);
      startedAt ??= performance.now();
      label.textContent = "Thinking…";
    },
    /** Call when the model writes its answer, or has ended. */
    over() {
      if (startedAt === undefined) return;
      thoughtMs += performance.now() - startedAt;
      startedAt = undefined;
      label.textContent = isTimed ? `Thought for ${duration(thoughtMs)}` : "Thoughts";
    },
    /** Shows the reasoning from the history. */
    recalled(whole) {
      if (text.data === whole) return;
      show(whole);
      label.textContent = "Thoughts";
    },
  };
}

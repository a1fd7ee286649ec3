import { element } from "../element.js";
import { valueView } from "../value-view.js";
import { duration } from "./duration.js";

const tickMs = 500;

/** An engine's steps as they run: name, state, duration and finding. */
export function timeline() {
  const list = element("ol", "steps");
  const steps = new Map();
  let ticking;
  list.setAttribute("aria-label", "Steps");

  function step(name) {
    const known = steps.get(name);
    if (known) return known;
    const made = stepView(name);
    steps.set(name, made);
    list.append(made.item);
    return made;
  }

  function tick() {
    const running = [...steps.values()].filter(({ isRunning }) => isRunning);
    for (const { tick } of running) tick();
    if (running.length > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  }

  return {
    list,
    started(name) {
      step(name).start();
      ticking ??= setInterval(tick, tickMs);
    },
    finished(name, finding) {
      step(name).finish(finding);
    },
    /** Call when the turn has ended: steps that are still running did not finish. */
    over() {
      for (const { giveUp } of steps.values()) giveUp();
      tick();
    },
  };
}

function stepView(name) {
  const state = element("span", "visually-hidden");
  const took = element("span", "took");
  const title = element("span", "name", name);
  const item = element("li", "step", title, state, took);
  let startedAt;

  function become(className, words) {
    view.isRunning = className === "running";
    item.className = `step ${className}`;
    state.textContent = ` ${words} `;
  }

  const view = {
    item,
    isRunning: false,
    start() {
      if (view.isRunning) return;
      startedAt = performance.now();
      become("running", "running");
    },
    tick() {
      took.textContent = duration(performance.now() - startedAt);
    },
    finish(finding) {
      if (startedAt !== undefined) view.tick(); // the start is unknown if the step was already running when the page joined
      become("done", "done");
      const summary = element("summary", "", title, state, took);
      item.replaceChildren(element("details", "", summary, valueView(finding)));
    },
    giveUp() {
      if (view.isRunning) become("given-up", "not finished");
    },
  };
  return view;
}

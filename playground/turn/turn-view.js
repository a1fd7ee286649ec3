import { element } from "../element.js";
import { markdownView } from "../markdown.js";
import { actionsView } from "./actions.js";
import { factsView } from "./facts-view.js";
import { problemView } from "./problem-view.js";
import { progressView } from "./progress-view.js";
import { questionView } from "./question.js";
import { reasoningView } from "./reasoning-view.js";

/**
 * One message and its answer, from the moment it is sent. `acts` has the actions on a turn: `regenerate(id)`,
 * `edit(id, content)` and `feedback(id, verdict)`; all return promises.
 */
export function turnView(query, acts) {
  const question = questionView(query, (content) => acts.edit(view.id, content));
  const progress = progressView();
  const reasoning = reasoningView();
  const answer = element("div", "answer");
  const show = markdownView(answer);
  const working = element("p", "working", "Sending");
  const ending = element("div", "ending");
  const reply = element("div", "reply", progress.route, progress.list, reasoning.root, answer, working, ending);
  const root = element("article", "turn", heading("You"), question.root, heading("Answer"), reply);
  const begunAt = performance.now();
  let shown = "";
  let frame;
  let firstWordMs;
  root.setAttribute("aria-busy", "true");
  root.tabIndex = -1; // can take the focus when it replaces another turn

  const retry = () => acts.regenerate(view.id);

  function showSoon() {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      show(shown);
    });
  }

  function over(whole, ...end) {
    cancelAnimationFrame(frame);
    frame = undefined;
    shown = whole;
    show(whole, true);
    progress.over();
    reasoning.over();
    working.remove();
    ending.replaceChildren(...end, actionsView({ turn: view, acts, answer: () => shown, edit: question.edit }));
    root.setAttribute("aria-busy", "false");
    view.isOver = true;
  }

  const view = {
    root,
    id: undefined,
    isOver: false,
    /** False if the turn was already running when this page learned of it, so its start time is unknown. */
    isWatched: true,
    edit: question.edit,
    /** Sets the turn's ID. */
    named(turnId) {
      view.id = turnId;
      root.dataset.turnId = turnId;
      return view;
    },
    asked: question.show,
    thinking({ stage, query: content, conversation_type, routing, step, detail }) {
      if (content) question.show(content);
      working.textContent = wordsFor(stage, step);
      if (stage === "routed") progress.routed(conversation_type, routing);
      if (stage === "step_started") progress.started(step);
      if (stage === "step_finished") progress.finished(step, detail);
    },
    reasoning(piece) {
      reasoning.add(piece, view.isWatched);
      working.hidden = true;
    },
    /** Shows the answer so far. */
    text(text) {
      reasoning.over();
      working.hidden = false;
      if (view.isWatched) firstWordMs ??= performance.now() - begunAt;
      shown = text;
      working.textContent = wordsFor("answering");
      showSoon();
    },
    answered({ query: content, response, conversation_type, metadata }) {
      question.show(content);
      progress.routed(conversation_type, metadata.routing);
      const wholeMs = view.isWatched ? performance.now() - begunAt : metadata.processing_time;
      over(response, factsView(metadata, { firstWordMs, wholeMs }));
    },
    failed({ message, details }) {
      over(shown, problemView({ message, ...details }, { retry, isNew: true }));
    },
    /** Shows the turn from the history. */
    recalled({ query: content, response, conversation_type, status, metadata, reasoning: thoughts }) {
      if (thoughts) reasoning.recalled(thoughts);
      if (view.isOver) return shown || show(response, true);
      question.show(content);
      if (status === "queued") view.thinking({ stage: "queued" });
      if (status === "queued" || status === "running") return;
      progress.routed(conversation_type, metadata.routing);
      const { error, ...facts } = metadata;
      const failure = { message: "This turn failed.", ...error };
      const problem = status === "failed" ? [problemView(failure, { retry })] : [];
      over(response, ...problem, factsView(facts, { wholeMs: facts.processing_time }));
    },
  };
  return view;
}

/** A heading for screen readers only. */
function heading(text) {
  return element("h2", "visually-hidden", text);
}

function wordsFor(stage, step) {
  switch (stage) {
    case "queued":
      return "Waiting for the previous turn";
    case "accepted":
      return "Choosing an engine";
    case "step_started":
      return `Working: ${step}`;
    case "answering":
      return "Answering";
    default:
      return "Thinking";
  }
}

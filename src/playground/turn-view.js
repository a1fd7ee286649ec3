import { element } from "./element.js";
import { factsView } from "./facts-view.js";
import { markdownView } from "./markdown.js";
import { progressView } from "./progress-view.js";

/** One message and its answer, from the moment it is sent. */
export function turnView(query) {
  const question = element("p", "question", query);
  const progress = progressView();
  const answer = element("div", "answer");
  const show = markdownView(answer);
  const working = element("p", "working", "Sending");
  const ending = element("div", "ending");
  const reply = element("div", "reply", progress.route, progress.list, answer, working, ending);
  const root = element("article", "turn", heading("You"), question, heading("Answer"), reply);
  let shown = "";
  let frame;
  root.setAttribute("aria-busy", "true");

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
    show(whole);
    progress.over();
    working.remove();
    ending.replaceChildren(...end);
    root.setAttribute("aria-busy", "false");
    view.isOver = true;
  }

  const view = {
    root,
    isOver: false,
    asked(content) {
      question.textContent = content;
    },
    thinking({ stage, conversation_type, routing, step, detail }) {
      working.textContent = wordsFor(stage, step);
      if (stage === "routed") progress.routed(conversation_type, routing);
      if (stage === "step_started") progress.started(step);
      if (stage === "step_finished") progress.finished(step, detail);
    },
    /** All of the answer so far. */
    text(text) {
      shown = text;
      working.textContent = wordsFor("answering");
      showSoon();
    },
    answered({ query: content, response, conversation_type, metadata }) {
      view.asked(content);
      progress.routed(conversation_type, metadata.routing);
      over(response, factsView(metadata));
    },
    failed({ message, details }) {
      const problem = element("p", "problem", message, element("span", "code", details.code));
      problem.setAttribute("role", "alert");
      over(shown, problem);
    },
    /** As the history tells it, which does not keep why a turn failed. */
    recalled({ query: content, response, conversation_type, status, metadata }) {
      if (view.isOver) return shown || show(response);
      view.asked(content);
      if (status === "queued") view.thinking({ stage: "queued" });
      if (status === "queued" || status === "running") return;
      progress.routed(conversation_type, metadata.routing);
      const problem = status === "failed" ? [element("p", "problem", "This turn failed.")] : [];
      over(response, ...problem, factsView(metadata));
    },
  };
  return view;
}

/** For those who listen to the page. */
function heading(text) {
  return element("h2", "visually-hidden", text);
}

function wordsFor(stage, step) {
  switch (stage) {
    case "queued":
      return "Waiting for the turn before it";
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

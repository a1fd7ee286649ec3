import { bytesOf, refusalOf } from "./client/frame.ts";
import { composer } from "./composer.js";
import { contextPanel } from "./context-panel.js";
import { openConversation } from "./conversation.js";
import { randomId } from "./conversation-id.js";
import { delivery } from "./delivery.js";
import { showExamples } from "./examples.js";
import { pastTurns } from "./past-turns.js";
import { preferencesPanel } from "./preferences-panel.js";
import { runningTurn } from "./running-turn.js";
import { followEnd } from "./scroll.js";
import { turnList } from "./turn/turns.js";

const waitsElsewhere = {
  message: "A message in another conversation is not sent yet. It is sent when the connection is back.",
};
const at = (selector) => document.querySelector(selector);

/**
 * The view of the open conversation. `news` has callbacks for the list of conversations: `joined`, `recalled`, `asked` and
 * `ended`.
 */
export function chat(socket, status, news) {
  const turns = turnList(at("#turns"), {
    regenerate: (turnId) => conversation.regenerate(turnId).catch(status.notice),
    edit: (turnId, content) => conversation.edit(turnId, content),
    feedback: (turnId, verdict) => conversation.feedback(turnId, verdict),
  });
  const scroll = followEnd(at("#log"), at("#turns"));
  const context = contextPanel((changes) => conversation.setContext(changes));
  const preferences = preferencesPanel(() => enter(conversation.id));
  const writing = composer({ fits, send, typing: (typing) => conversation.typing(typing), editLast });
  const running = runningTurn((turnId) => conversation.stop(turnId).catch(status.notice));
  const past = pastTurns(turns, status.notice, news.recalled);
  let conversation;
  let sessionId;

  const listener = {
    devices: status.devices,
    typing: ({ typing }) => status.typing(typing),
    context: ({ context: current }) => context.show(current),
    async joined({ session_id, user_id, running_turn, warnings }) {
      status.state("connected");
      preferences.warn(warnings);
      if (sessionId && sessionId !== session_id) startedOver();
      sessionId = session_id;
      messages.joined();
      if (running_turn && !turns.has(running_turn.turn_id)) unwatched(running_turn.turn_id, running_turn.query);
      running.is(running_turn?.turn_id);
      news.joined(user_id);
      await past.read(conversation);
      conversation.setContext({}).catch(status.notice); // changes nothing, but makes the server send the context to every member
    },
    joinRefused(refusal) {
      status.state("closed");
      const message =
        "This conversation belongs to another user. Open this page without “?conversation=…” to start a new one.";
      status.notice(refusal.code === "not_found" ? { message } : refusal);
    },
    sending: turns.sent,
    accepted(message, { turn_id }) {
      turns.accepted(message, turn_id);
      news.asked(message.content);
    },
    refused(message, refusal) {
      turns.refused(message);
      writing.giveBack(message.content);
      status.notice(refusal);
    },
    refusedElsewhere({ message }) {
      status.notice({
        message: `A message in another conversation was refused, and waits there in the field: ${message}`,
      });
    },
    replaced({ turn_id, replaces }, query) {
      const view = turns.at(turn_id, query);
      status.clear();
      turns.replaced(replaces, turn_id);
      view.root.focus({ preventScroll: true });
      scroll.toEnd();
    },
    thinking(event) {
      if (turns.isGone(event.turn_id)) return;
      const isNew = !turns.has(event.turn_id);
      const isBeginning = ["accepted", "queued"].includes(event.stage);
      const view = isNew && !isBeginning ? unwatched(event.turn_id) : turns.at(event.turn_id);
      view.thinking(event);
      if (event.stage !== "queued") running.is(event.turn_id);
      if (isNew) past.read(conversation); // started on another device: it may replace turns shown here
    },
    reasoning: (event) => grown(event, (view) => view.reasoning(event)),
    text: (event) => grown(event, (view) => view.text(event.text)),
    answered: (event) => ended(event, (view) => view.answered(event)),
    failed: (event) => ended(event, (view) => view.failed(event)),
    reset({ session_id }) {
      sessionId = session_id;
      startedOver();
      writing.focus();
    },
  };
  const messages = delivery(
    (id, listens) => openConversation(socket, id, preferences.values(), listens ? listener : undefined),
    listener,
  );

  function grown({ turn_id }, show) {
    if (turns.isGone(turn_id)) return;
    show(turns.has(turn_id) ? turns.at(turn_id) : unwatched(turn_id));
    running.is(turn_id);
  }

  function ended({ turn_id, metadata }, end) {
    running.ended(turn_id);
    if (turns.isGone(turn_id)) return;
    end(turns.at(turn_id));
    if (metadata?.replaces) turns.replaced(metadata.replaces, turn_id);
    news.ended();
  }

  /** A turn that was already running when this page learned of it. */
  function unwatched(turnId, query) {
    const view = turns.at(turnId, query);
    view.isWatched = false;
    return view;
  }

  /** What is too long for any message stays in the field. */
  function fits(content) {
    const refusal = refusalOf("message", bytesOf({ content }));
    if (refusal) status.notice(refusal);
    return !refusal;
  }

  function send(content, options = {}) {
    status.clear();
    messages.send({ id: randomId(), content, options });
    keepDraft();
    scroll.toEnd();
  }

  function editLast() {
    turns.newest?.edit(at("#message"));
  }

  function empty() {
    turns.clear();
    past.forget();
    context.show({});
    running.is(undefined);
  }

  function startedOver() {
    empty();
    messages.showAgain();
  }

  /** Joins a conversation, or the open one again with new join parameters. */
  function enter(id) {
    conversation = messages.enter(id);
  }

  function keepDraft() {
    if (conversation) messages.unsent.write(conversation.id, writing.unsent());
  }

  addEventListener("pagehide", keepDraft);
  document.addEventListener("visibilitychange", keepDraft);
  addEventListener("beforeunload", (event) => {
    keepDraft();
    if (messages.unsent.isAtRisk) event.preventDefault(); // the browser asks whether to leave
  });
  at("#start-over").addEventListener("click", () => conversation.startOver().catch(status.notice));
  showExamples(at("#examples"), send);

  return {
    stop: running.stop,
    open(id) {
      keepDraft();
      sessionId = undefined;
      empty();
      status.clear();
      enter(id);
      writing.show(messages.unsent.draft(id));
      if (!socket.isConnected() && messages.unsent.elsewhere(id).length > 0) status.notice(waitsElsewhere);
      writing.focus();
    },
  };
}

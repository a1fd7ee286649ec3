import { composer } from "./composer.js";
import { contextPanel } from "./context-panel.js";
import { openConversation } from "./conversation.js";
import { randomId } from "./conversation-id.js";
import { showExamples } from "./examples.js";
import { preferencesPanel } from "./preferences-panel.js";
import { followEnd } from "./scroll.js";
import { turnList } from "./turn/turns.js";

const at = (selector) => document.querySelector(selector);

/** The open conversation as the page shows it. `news` hears what a list of conversations wants to know: `joined`, `recalled`, `asked`, `ended`. */
export function chat(socket, status, news) {
  const turns = turnList(at("#turns"), {
    regenerate: (turnId) => conversation.regenerate(turnId).catch(status.notice),
    edit: (turnId, content) => conversation.edit(turnId, content),
    feedback: (turnId, verdict) => conversation.feedback(turnId, verdict),
  });
  const scroll = followEnd(at("#log"), at("#turns"));
  const context = contextPanel((changes) => conversation.setContext(changes));
  const preferences = preferencesPanel(() => enter(conversation.id));
  const writing = composer({ send, typing: (typing) => conversation.typing(typing), editLast });
  let conversation;
  let sessionId;
  let running;

  const listener = {
    devices: status.devices,
    typing: ({ typing }) => status.typing(typing),
    context: ({ context: current }) => context.show(current),
    async joined({ session_id, user_id, running_turn, warnings }) {
      status.state("connected");
      preferences.warn(warnings);
      if (sessionId && sessionId !== session_id) turns.clear();
      sessionId = session_id;
      if (running_turn && !turns.has(running_turn.turn_id)) unwatched(running_turn.turn_id, running_turn.query);
      setRunning(running_turn?.turn_id);
      news.joined(user_id);
      await refresh();
      conversation.setContext({}).catch(status.notice); // changes nothing, but tells every member what the context is
    },
    joinRefused(refusal) {
      status.state("closed");
      const message = "This conversation is not yours. Open this page without “?conversation=…” to begin a new one.";
      status.notice(refusal.code === "not_found" ? { message } : refusal);
    },
    accepted(message, { turn_id }) {
      turns.accepted(message, turn_id);
      news.asked(message.content);
    },
    refused(message, refusal) {
      turns.refused(message);
      writing.giveBack(message.content);
      status.notice(refusal);
      update();
    },
    replaced({ turn_id, replaces }, query) {
      const view = turns.at(turn_id, query);
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
      if (event.stage !== "queued") setRunning(event.turn_id);
      if (isNew) refresh(); // it began on another device: it may stand for turns that have left the history
    },
    text(event) {
      if (turns.isGone(event.turn_id)) return;
      const view = turns.has(event.turn_id) ? turns.at(event.turn_id) : unwatched(event.turn_id);
      view.text(event.text);
      setRunning(event.turn_id);
    },
    answered: (event) => ended(event, (view) => view.answered(event)),
    failed: (event) => ended(event, (view) => view.failed(event)),
    reset({ session_id }) {
      sessionId = session_id;
      empty();
      writing.focus();
    },
  };

  function ended({ turn_id, metadata }, end) {
    if (running === turn_id) setRunning(undefined);
    if (turns.isGone(turn_id)) return;
    end(turns.at(turn_id));
    if (metadata?.replaces) turns.replaced(metadata.replaces, turn_id);
    news.ended();
  }

  /** It was under way before this page heard of it. */
  function unwatched(turnId, query) {
    const view = turns.at(turnId, query);
    view.isWatched = false;
    return view;
  }

  function send(content, options = {}) {
    const message = { id: randomId(), content, options };
    status.clear();
    turns.sent(message);
    conversation.send(message);
    update();
    scroll.toEnd();
  }

  function editLast() {
    turns.newest?.edit(at("#message"));
  }

  async function refresh(before) {
    const asked = conversation;
    try {
      const { turns: page, has_more } = await asked.history(before?.turnId);
      if (asked !== conversation) return;
      turns.recalled(page, before?.node);
      if (!before) turns.keepOnly(page, has_more);
      if (page[0]) news.recalled(page[0].query);
      at("#earlier").hidden = !has_more;
      at("#earlier").onclick = () => refresh({ turnId: page[0].turn_id, node: turns.oldest });
      update();
    } catch (refusal) {
      if (asked === conversation) status.notice(refusal);
    }
  }

  function setRunning(turnId) {
    running = turnId;
    update();
  }

  function update() {
    at("#stop").hidden = running === undefined;
    at("#welcome").hidden = !turns.isEmpty;
  }

  function empty() {
    turns.clear();
    context.show({});
    setRunning(undefined);
  }

  /** Leaves the conversation that is open, also when it is the same: its join parameters may have changed. */
  function enter(id) {
    conversation?.leave();
    conversation = openConversation(socket, id, preferences.values(), listener);
  }

  const stop = () => running !== undefined && conversation.stop(running).catch(status.notice);
  at("#stop").addEventListener("click", stop);
  at("#start-over").addEventListener("click", () => conversation.startOver().catch(status.notice));
  showExamples(at("#examples"), send);

  return {
    stop,
    open(id) {
      sessionId = undefined;
      empty();
      status.clear();
      at("#earlier").hidden = true;
      enter(id);
      writing.focus();
    },
  };
}

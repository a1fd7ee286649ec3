import { apiKey, askForKey, watchLinks } from "./api-key.js";
import { composer } from "./composer.js";
import { contextPanel } from "./context-panel.js";
import { openConversation } from "./conversation.js";
import { conversationId, randomId } from "./conversation-id.js";
import { showExamples } from "./examples.js";
import { followEnd } from "./scroll.js";
import { statusBar } from "./status-bar.js";
import { turnList } from "./turns.js";

const at = (selector) => document.querySelector(selector);
const turns = turnList(at("#turns"));
const scroll = followEnd(at("#log"), at("#turns"));
const status = statusBar();
const context = contextPanel((changes) => conversation.setContext(changes));
const writing = composer({ send, typing: (typing) => conversation.typing(typing) });
let conversation;
let sessionId;
let running;

/** What happens in the conversation, as the page shows it. */
const listener = {
  state: status.state,
  devices: status.devices,
  typing: status.typing,
  context: context.show,
  async joined({ session_id, running_turn }) {
    if (sessionId && sessionId !== session_id) turns.clear();
    sessionId = session_id;
    if (running_turn) turns.at(running_turn.turn_id, running_turn.query);
    setRunning(running_turn?.turn_id);
    await refresh();
    conversation.setContext({}).catch(status.notice); // changes nothing, but tells every member what the context is
  },
  joinRefused(refusal) {
    status.state("closed");
    const message = "This conversation is not yours. Open this page without “?conversation=…” to begin a new one.";
    status.notice(refusal.code === "not_found" ? { message } : refusal);
  },
  keyRefused() {
    status.state("closed");
    askForKey("The server refused this key.");
  },
  accepted(message, { turn_id }) {
    turns.accepted(message, turn_id);
  },
  refused(message, refusal) {
    turns.refused(message);
    writing.giveBack(message.content);
    status.notice(refusal);
    update();
  },
  thinking(event) {
    const isNew = !turns.has(event.turn_id);
    turns.at(event.turn_id).thinking(event);
    if (event.stage !== "queued") setRunning(event.turn_id);
    if (isNew) refresh(); // it began on another device: the history has the question
  },
  text(event) {
    turns.at(event.turn_id).text(event.text);
    setRunning(event.turn_id);
  },
  answered: (event) => ended(event, (view) => view.answered(event)),
  failed: (event) => ended(event, (view) => view.failed(event)),
  reset({ session_id }) {
    sessionId = session_id;
    turns.clear();
    context.show({});
    setRunning(undefined);
    writing.focus();
  },
};

function ended({ turn_id }, end) {
  end(turns.at(turn_id));
  if (running === turn_id) setRunning(undefined);
}

function send(content, options = {}) {
  const message = { id: randomId(), content, options };
  status.clear();
  turns.sent(message);
  conversation.send(message);
  update();
  scroll.toEnd();
}

async function refresh(before) {
  try {
    const { turns: page, has_more } = await conversation.history(before?.turnId);
    turns.recalled(page, before?.node);
    at("#earlier").hidden = !has_more;
    at("#earlier").onclick = () => refresh({ turnId: page[0].turn_id, node: turns.oldest });
    update();
  } catch (refusal) {
    status.notice(refusal);
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

at("#stop").addEventListener("click", () => conversation.stop(running).catch(status.notice));
at("#new-conversation").addEventListener("click", () => conversation.startOver().catch(status.notice));
showExamples(at("#examples"), send);
watchLinks();
const key = apiKey();
if (key) {
  conversation = openConversation(conversationId(), key, listener);
  writing.focus();
} else {
  status.state("closed");
  askForKey("");
}

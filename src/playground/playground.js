import { apiKey, askForKey, watchLinks } from "./api-key.js";
import { composer } from "./composer.js";
import { contextPanel } from "./context-panel.js";
import { openConversation } from "./conversation.js";
import { conversationId, randomId } from "./conversation-id.js";
import { showExamples } from "./examples.js";
import { followEnd } from "./scroll.js";
import { turnList } from "./turns.js";

const at = (selector) => document.querySelector(selector);
const states = { connecting: "Connecting…", connected: "Connected", lost: "Connection lost, trying again…", closed: "Not connected" };
const turns = turnList(at("#turns"));
const scroll = followEnd(at("#log"), at("#turns"));
const context = contextPanel((changes) => conversation.setContext(changes));
const writing = composer({ send, typing: (typing) => conversation?.typing(typing).catch(notice) });

let conversation;
let sessionId;
let running;

const listener = {
  state(state) {
    at("#connection").dataset.state = state;
    at("#connection").textContent = states[state];
  },
  async joined({ session_id, running_turn }) {
    if (sessionId && sessionId !== session_id) turns.clear();
    sessionId = session_id;
    setRunning(running_turn?.turn_id);
    await refresh();
    context.show((await conversation.setContext({})).context); // changes nothing; the reply is the only place to read it
  },
  joinRefused({ reason, message }) {
    listener.state("closed");
    const others = "This conversation belongs to somebody else. Open the page without “?conversation=…” to begin your own.";
    notice({ message: reason === "not_found" ? others : (message ?? reason) });
  },
  keyRefused: () => unlock("The server refused this key."),
  accepted(message, { turn_id }) {
    turns.accepted(message, turn_id);
  },
  refused(message, refusal) {
    turns.refused(message);
    writing.giveBack(message.content);
    notice(refusal);
    update();
  },
  thinking(event) {
    const isNew = !turns.has(event.turn_id);
    turns.at(event.turn_id).thinking(event);
    if (event.stage !== "queued") setRunning(event.turn_id);
    if (isNew) refresh(); // from another device: the history has the question
  },
  piece(event) {
    turns.at(event.turn_id).piece(event);
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
  context: (current) => context.show(current),
  typing(typing) {
    at("#others").textContent = typing ? "Typing on another device…" : "";
  },
  devices(count) {
    at("#devices").hidden = count < 2;
    at("#devices").textContent = `${count} devices`;
  },
};

function send(content, options = {}) {
  const message = { id: randomId(), content, options };
  notice({ message: "" });
  turns.sent(message);
  conversation.send(message);
  update();
  scroll.toEnd();
}

function ended({ turn_id }, end) {
  end(turns.at(turn_id));
  if (running === turn_id) setRunning(undefined);
}

async function refresh(before) {
  try {
    const { turns: page, has_more } = await conversation.history(before?.turnId);
    turns.recalled(page, before?.node);
    at("#earlier").hidden = !has_more;
    at("#earlier").onclick = () => refresh({ turnId: page[0].turn_id, node: turns.oldest });
    update();
  } catch (refusal) {
    notice(refusal);
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

function notice({ message }) {
  at("#notice").textContent = message;
}

async function unlock(problem) {
  listener.state("closed");
  open(await askForKey(problem));
}

function open(key) {
  listener.state("connecting");
  conversation?.close();
  conversation = openConversation(conversationId(), key, listener);
  writing.focus();
}

at("#stop").addEventListener("click", () => conversation.stop(running).catch(notice));
at("#new-conversation").addEventListener("click", () => conversation.startOver().catch(notice));
showExamples(at("#examples"), send);
watchLinks();
const key = apiKey();
if (key) open(key);
else unlock("");

import { conversation } from "conversation-channel-client";
import { Socket } from "phoenix";

// Open the page as …/plain/#api_key=YOUR_KEY
const settings = new URLSearchParams(location.hash.slice(1));
const address = settings.get("server") ?? "ws://127.0.0.1:4000/socket";
const socket = new Socket(address, { params: { api_key: settings.get("api_key") } });
socket.connect();

/** One conversation for all tabs of this browser. */
const id = localStorage.getItem("conversation") ?? `plain-${Date.now()}`;
localStorage.setItem("conversation", id);

const chat = conversation(socket, id);
const { store } = chat;
const find = (selector) => document.querySelector(selector);
const shown = new Map();

function showOutline() {
  const { connection, turnKeys, running_turn, hasEarlier } = store.outline.getSnapshot();
  const notices = {
    reconnecting: "The connection is lost. Reconnecting …",
    refused: connection.error?.message,
  };
  find("#notice").textContent = notices[connection.state] ?? "";
  find("#notice").hidden = !notices[connection.state];
  find("#earlier").hidden = !hasEarlier;
  find("#stop").hidden = !running_turn;
  for (const [key, turn] of shown) {
    if (turnKeys.includes(key)) continue;
    turn.unsubscribe();
    turn.article.remove();
    shown.delete(key);
  }
  for (const [index, key] of turnKeys.entries()) {
    if (!shown.has(key)) shown.set(key, turnElement(key));
    const { article } = shown.get(key);
    const place = find(".turns").children[index];
    if (place !== article) find(".turns").insertBefore(article, place ?? null);
  }
}

/** The element of a turn, which changes with that turn alone. */
function turnElement(key) {
  const article = document.createElement("article");
  const turn = store.turn(key);
  const show = () => {
    const state = turn.getSnapshot();
    if (!state) return;
    const { status, turn_id, query, parts, error } = state;
    article.dataset.status = status;
    const isWaiting = parts.length === 0 && ["sending", "queued", "running"].includes(status);
    article.replaceChildren(
      paragraph("question", query),
      ...parts
        .filter(({ type }) => ["text", "reasoning", "step"].includes(type))
        .map((part) => paragraph(part.type === "text" ? "answer" : part.type, part.text ?? part.step, part.status)),
      ...(isWaiting ? [paragraph("stage", "Thinking …")] : []),
      ...(error ? [paragraph("problem", error.message)] : []),
      ...(status === "failed" || status === "refused" ? [button("Try again", () => store.retry(key))] : []),
      ...(status === "completed" || status === "stopped"
        ? [button("Answer again", () => chat.regenerate({ turn_id }))]
        : []),
    );
  };
  show();
  return { article, unsubscribe: turn.subscribe(show) };
}

function paragraph(name, text, status = "") {
  return Object.assign(document.createElement("p"), { className: `${name} ${status}`.trim(), textContent: text });
}

function button(label, onclick) {
  return Object.assign(document.createElement("button"), { type: "button", textContent: label, onclick });
}

find("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const { content } = event.target.elements;
  if (content.value.trim() === "") return;
  chat.ask(content.value);
  content.value = "";
});
find("#stop").addEventListener("click", () => chat.stop());
find("#earlier").addEventListener("click", () => store.loadEarlier());
store.outline.subscribe(showOutline);
showOutline();

import { addressOf } from "../conversation-id.js";
import { element } from "../element.js";
import { ago } from "./ago.js";

/** The list of conversations. `open` gets the ID of the selected one. */
export function listView(open) {
  const list = document.querySelector("#conversations");
  const none = document.querySelector("#no-conversations");

  list.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.dataset.conversationId);
  });

  function item({ conversation_id, title, updated_at, running }, current) {
    const time = element("time", "", ago(updated_at));
    time.dateTime = updated_at;
    const name = element("span", "title", title || "No messages yet");
    name.dir = "auto";
    const link = element("a", "", name, time);
    link.href = addressOf(conversation_id);
    link.dataset.conversationId = conversation_id;
    if (conversation_id === current) link.setAttribute("aria-current", "page");
    if (running) time.textContent = "answering…";
    return element("li", "", link);
  }

  return {
    show(conversations, current) {
      const focused = document.activeElement?.dataset.conversationId;
      list.replaceChildren(...conversations.map((conversation) => item(conversation, current)));
      none.hidden = conversations.length > 0;
      if (focused) list.querySelector(`[data-conversation-id="${CSS.escape(focused)}"]`)?.focus();
    },
  };
}

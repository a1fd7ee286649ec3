import { html } from "../html.ts";
import { addressOf } from "../session/address.ts";
import { begin, current, goTo } from "../session/conversations.ts";
import { conversations } from "../session/list.ts";
import type { ListedConversation } from "../session/remembered.ts";
import { waitingRequests } from "../session/waiting.ts";
import { ago } from "./ago.ts";
import { closeDrawer, closeIfNarrow, isNarrow, isSidebarOpen } from "./drawer.ts";

/** The user's conversations. */
export function Sidebar() {
  if (!isSidebarOpen.value) return undefined;

  function press(event: KeyboardEvent) {
    if (event.key !== "Escape" || !isNarrow.value) return;
    event.preventDefault();
    closeDrawer();
  }
  return html`<nav id="sidebar" aria-label="Conversations" onKeyDown=${press}>
    <button id="new-conversation" type="button" onClick=${beginHere}>New conversation</button>
    ${
      conversations.value.length === 0
        ? html`<p id="no-conversations">Your conversations will be listed here.</p>`
        : html`<ul id="conversations">
            ${conversations.value.map(
              (entry) =>
                html`<${Entry} key=${entry.conversation_id} isOpen=${entry.conversation_id === current.value?.id} ...${entry} />`,
            )}
          </ul>`
    }
  </nav>`;
}

function beginHere(): void {
  closeIfNarrow();
  begin();
}

function Entry({
  conversation_id,
  title,
  updated_at,
  running,
  waiting,
  isOpen,
}: ListedConversation & { isOpen: boolean }) {
  const waits = isOpen ? waitingRequests.value > 0 : waiting;
  function open(event: MouseEvent) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    closeIfNarrow();
    goTo(conversation_id);
  }
  return html`<li>
    <a href=${addressOf(conversation_id)} aria-current=${isOpen ? "page" : undefined} onClick=${open}>
      <span class="title" dir="auto">${title || "No messages yet"}</span>
      <time datetime=${updated_at} class=${waits ? "waits" : ""}>
        ${waits ? "waits for you" : running ? "answering…" : ago(updated_at)}
      </time>
    </a>
  </li>`;
}

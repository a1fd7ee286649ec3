import { addressOf, conversationId, randomId } from "../conversation-id.js";
import { workbench } from "../workbench-link.js";
import { drawer } from "./drawer.js";
import { listView } from "./list-view.js";
import { remembered } from "./remembered.js";

/** The user's list of conversations. `open` gets the ID of the one to show. */
export function conversationsHere(open) {
  const side = drawer();
  const list = listView(goTo);
  let memory = remembered("");
  let current;

  async function refresh() {
    const known = workbench.available ? await fromServer() : memory.read();
    list.show(known ?? memory.read(), current);
  }

  function show(id) {
    current = id;
    open(id);
  }

  function goTo(id) {
    side.closeIfNarrow();
    if (id === current) return;
    history.pushState(null, "", addressOf(id));
    show(id);
    refresh();
  }

  document.querySelector("#new-conversation").addEventListener("click", () => goTo(randomId()));
  addEventListener("popstate", () => show(conversationId()));
  workbench.on("joined", refresh);

  return {
    openFirst: () => show(conversationId()),
    news: {
      joined(userId) {
        memory = remembered(userId);
        refresh();
      },
      /** Adds a conversation with a history that this browser has not opened before. */
      recalled(question) {
        if (memory.knows(current)) return;
        memory.keep(current, question);
        refresh();
      },
      asked(question) {
        memory.keep(current, question);
        refresh();
      },
      ended: refresh,
    },
  };
}

async function fromServer() {
  try {
    return (await workbench.push("get_conversations", {})).conversations;
  } catch {
    return undefined; // fall back to this browser's own list
  }
}

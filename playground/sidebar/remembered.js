import { browserStore } from "../storage.js";

const maxConversations = 100;
const maxTitle = 200;

/** Conversations opened in this browser, newest first. Used if the server does not list them. */
export function remembered(userId) {
  const key = `conversations:${userId}`;
  const read = () => listIn(browserStore.read(key));

  return {
    read,
    knows: (id) => read().some(({ conversation_id }) => conversation_id === id),
    /** Keeps the first question as the title; later ones only update the time. */
    keep(id, question) {
      const all = read();
      const known = all.find(({ conversation_id }) => conversation_id === id);
      const kept = {
        conversation_id: id,
        title: known?.title || question.slice(0, maxTitle),
        updated_at: new Date().toISOString(),
      };
      const others = all.filter((entry) => entry !== known);
      browserStore.write(key, JSON.stringify([kept, ...others].slice(0, maxConversations)));
    },
  };
}

function listIn(json) {
  try {
    const list = JSON.parse(json ?? "[]");
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

import { readObject } from "./json-object.js";
import { tabStore } from "./storage.js";

const stored = "unsent";

/**
 * What was written in each conversation and the server does not have yet: the draft in the field, and messages that it has
 * not confirmed. Kept as long as the tab, like the API key.
 */
export function unsentTexts() {
  let isKept = true;
  const all = () => readObject(tabStore.read(stored) ?? "") ?? {};
  const of = (id) => ({ draft: "", messages: [], ...all()[id] });

  function change(id, changes) {
    const { [id]: _before, ...others } = all();
    const texts = { ...of(id), ...changes };
    const isEmpty = !texts.draft && texts.messages.length === 0;
    isKept = tabStore.write(stored, JSON.stringify(isEmpty ? others : { ...others, [id]: texts }));
  }

  return {
    messages: (id) => of(id).messages,
    add(id, message) {
      change(id, { messages: [...of(id).messages, message] });
    },
    remove(id, message) {
      change(id, { messages: of(id).messages.filter((other) => other.id !== message.id) });
    },
    draft: (id) => of(id).draft,
    write(id, draft) {
      if (draft !== of(id).draft) change(id, { draft });
    },
    /** Conversations with messages, without the one named. */
    elsewhere: (id) => Object.keys(all()).filter((other) => other !== id && of(other).messages.length > 0),
    /** True if something would be lost with the page, since the browser stores nothing. */
    get isAtRisk() {
      return !isKept && Object.keys(all()).length > 0;
    },
  };
}

/** Call when the tab gets another user's key. */
export function forgetUnsent() {
  tabStore.remove(stored);
}

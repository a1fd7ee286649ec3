import { effect, signal, untracked } from "@preact/signals";

import { current } from "./conversations.ts";
import { type ListedConversation, remember, remembered } from "./remembered.ts";
import { workbench } from "./workbench-link.ts";

/** The user's conversations, newest first: the server's list if it has a workbench, otherwise this browser's. */
export const conversations = signal<readonly ListedConversation[]>([]);

let userId = "";

async function refresh(): Promise<void> {
  const asked = current.peek();
  const listed = workbench.joined.peek() ? await fromServer() : undefined;
  if (current.peek() === asked) conversations.value = (listed ?? remembered(userId)).map(withPlainTitle);
}

/** A title is the beginning of a message, without the fences of its code blocks. */
function withPlainTitle({ title, ...entry }: ListedConversation): ListedConversation {
  return { ...entry, title: title.replace(/\s*```\w*\s*/g, " ").trim() };
}

async function fromServer(): Promise<ListedConversation[] | undefined> {
  try {
    return (await workbench.push<{ conversations: ListedConversation[] }>("get_conversations", {})).conversations;
  } catch {
    return undefined; // this browser's own list will do
  }
}

/** Keeps the list up to date. */
export function followConversations(): void {
  effect(() => {
    const open = current.value;
    const { user_id, turnKeys = [] } = open?.outline.value ?? {};
    const first = turnKeys.map((key) => open?.turnNow(key)).find((turn) => turn?.turn_id !== undefined);
    const newest = turnKeys.at(-1);
    if (user_id !== undefined) userId = user_id;
    if (open && first && user_id !== undefined) untracked(() => note(open.id, first.query, newest));
  });
  effect(() => {
    void workbench.joined.value;
    void current.value?.outline.value.running_turn;
    void current.value?.outline.value.user_id;
    void refresh();
  });
}

/** The newest recorded turn of each conversation. */
const noted = new Map<string, string | undefined>();

/** A conversation is recorded when it is first opened, and moves up with each new message. */
function note(id: string, question: string, newest: string | undefined): void {
  const isKnown = remembered(userId).some(({ conversation_id }) => conversation_id === id);
  const isAsked = noted.has(id) && noted.get(id) !== newest;
  noted.set(id, newest);
  if (isKnown && !isAsked) return;
  remember(userId, id, question);
  void refresh();
}

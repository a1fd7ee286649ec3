import { signal } from "@preact/signals";
import { ConversationError } from "conversation-channel-client";

import { current } from "./conversations.ts";

/** An answer to a question of a turn. */
export interface Answer {
  interrupt_id: string;
  /** What the graph gets. */
  value: unknown;
  /** The same for people, such as "Approved". */
  words: string;
}

/** How far an answer from this page has come. */
export interface Given {
  state: "sending" | "sent" | "refused";
  words: string;
  /** Why it was refused. */
  problem?: string;
}

/** The answers from this page, by turn and question. */
const given = signal<ReadonlyMap<string, Given>>(new Map());

const keyOf = (turnId: string, interruptId: string) => `${turnId} ${interruptId}`;

export function answerGiven(turnId: string, interruptId: string): Given | undefined {
  return given.value.get(keyOf(turnId, interruptId));
}

/** The most answers that the server takes at once. */
const maxAnswers = 50;

/** Answers questions of a turn. The turn goes on once all of its questions have an answer. */
export async function respond(turnId: string, answers: readonly Answer[]): Promise<void> {
  const conversation = current.peek()?.conversation;
  if (!conversation) return;
  for (let at = 0; at < answers.length; at += maxAnswers) {
    const some = answers.slice(at, at + maxAnswers);
    note(turnId, some, { state: "sending" });
    const responses = some.map(({ interrupt_id, value }) => ({ interrupt_id, value }));
    try {
      await conversation.respond(turnId, responses);
      note(turnId, some, { state: "sent" });
    } catch (error) {
      note(turnId, some, { state: "refused", problem: problemOf(error) });
    }
  }
}

function note(turnId: string, answers: readonly Answer[], how: Omit<Given, "words">): void {
  const entries = answers.map(({ interrupt_id, words }) => [keyOf(turnId, interrupt_id), { ...how, words }] as const);
  given.value = new Map([...given.peek(), ...entries]);
}

function problemOf(error: unknown): string {
  if (error instanceof ConversationError && error.code === "not_found")
    return "This does not wait any more: somebody else was first, or the turn has ended.";
  return error instanceof Error ? error.message : String(error);
}

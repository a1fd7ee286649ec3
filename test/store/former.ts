import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";

import type { Conversation } from "../support/client.ts";
import { historyFlaws, type ModelRequest } from "../support/model-server.ts";

/** A turn that was unfinished when the server was killed, and how the previous version ended it. */
export interface Flight {
  was: string;
  turnId: string;
  query: string;
  status: string;
  /** How many requests the model still gets for it. */
  requestsLeft: number;
  ends: { event: string; payload: { response?: string } };
}

/** A conversation in `before-one-home.db`. The JSON file beside it contains these, and how they were made. */
export interface Former {
  id: string;
  what: string;
  key: string;
  sessionId: string;
  context: object;
  /** The history as `get_history` returned it, without unfinished turns. */
  turns: { turn_id: string }[];
  inFlight?: Flight[];
  /** The messages that the model got with the next question. */
  remembered: { role: string; content: string }[];
  summary: string;
  clientIds?: Record<string, string>;
  feedback?: object;
  /** The turns whose terminal events a client without a cursor gets. */
  redelivered?: string[];
  cursor?: { turn_id: string; offset: number };
  cursorBrings?: string[];
}

const data = new URL("../data/", import.meta.url);
const read: { conversations: Former[] } = JSON.parse(readFileSync(new URL("before-one-home.json", data), "utf8"));

export const formers = read.conversations;

export function former(id: string): Former {
  const found = formers.find((one) => one.id === id);
  if (!found) throw new Error(`There is no conversation ${id} in the file.`);
  return found;
}

/** A copy of the file in a temporary folder. */
export function formerFile() {
  const folder = mkdtempSync(join(tmpdir(), "migration-"));
  const path = join(folder, "conversations.db");
  copyFileSync(new URL("before-one-home.db", data), path);
  return {
    path,
    env: {
      DATABASE_URL: `sqlite:${path}`,
      RATE_LIMIT_MESSAGES: "0",
      RATE_LIMIT_PUSHES: "0",
      RATE_LIMIT_JOINS: "0",
      RATE_LIMIT_CONNECTIONS: "0",
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export async function historyOf(conversation: Conversation): Promise<{ turn_id: string; status: string }[]> {
  return (await conversation.push("get_history", { limit: 200 })).response.turns;
}

/** Expects that the unfinished turn ends once, as in the previous version. */
export async function expectItsEnd(conversation: Conversation, { turnId, query, status, ends }: Flight): Promise<void> {
  const { terminal } = await conversation.turn(turnId);
  expect(terminal).toMatchObject(ends);
  expect(conversation.terminals(turnId)).toHaveLength(1);
  const history = await historyOf(conversation);
  expect(history.find(({ turn_id }) => turn_id === turnId)).toMatchObject({ query, status });
}

/** Asks one more question, and expects that the model gets the same messages as from the previous version. */
export async function expectItsMemory(
  conversation: Conversation,
  { id, inFlight = [], remembered, summary }: Former,
  requests: ModelRequest[],
): Promise<void> {
  for (const { turnId } of inFlight) await conversation.turn(turnId);
  const question = `What next in ${id}?`;
  await conversation.ask(question, { options: { engine: "simple" } });
  const [request, ...others] = requests.filter(({ user }) => user === question);
  if (!request) throw new Error("The model was not asked.");
  expect(others).toEqual([]);
  expect(historyFlaws(request)).toEqual([]);
  expect(told(request)).toEqual(remembered);
  expect(request.system.split("SUMMARY-OF-EARLY-TURNS")).toHaveLength(summary ? 2 : 1);
  expect(request.system).toContain(summary);
}

/** The messages between the instructions and the question. */
export function told({ messages }: ModelRequest): { role: string; content: unknown }[] {
  return messages.slice(1, -1).map(({ role, content }) => ({ role, content }));
}

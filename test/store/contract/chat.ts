import { v7 } from "uuid";

import type { Store } from "../../../src/store/store.ts";
import type {
  Accepted,
  Admission,
  Claim,
  Ending,
  NewTurn,
  Outcome,
  Turn,
  TurnRequest,
} from "../../../src/store/turns.ts";

type Asked = Partial<Omit<NewTurn, "request"> & Admission>;

export type Chat = Awaited<ReturnType<typeof chat>>;

/** A new conversation in the store, with shorthands for common operations. */
export async function chat(store: Store, owner = "user-a") {
  const id = v7();
  const opened = await store.conversations.open(id, owner);
  if (!opened) throw new Error("A new conversation is somebody else's.");
  let { sessionId } = opened;

  async function ask(query: string, { maxAhead = 5, mayClaim = false, ...over }: Asked = {}): Promise<Accepted> {
    const turn = { id: v7(), conversationId: id, sessionId, userId: owner, request: requestOf(query), ...over };
    return await store.turns.accept(turn, { maxAhead, mayClaim });
  }

  async function accepted(query: string, asked: Asked = {}): Promise<Turn> {
    const answer = await ask(query, asked);
    if (answer.type !== "accepted") throw new Error(`The turn is ${answer.type}.`);
    return answer.turn;
  }

  async function claim(): Promise<Claim> {
    const found = await store.turns.claim(id);
    if (!found) throw new Error("There is nothing to claim.");
    return found;
  }

  /** Accepts a turn and claims it at once. */
  async function running(query: string, asked: Asked = {}): Promise<Claim> {
    const answer = await ask(query, { ...asked, mayClaim: true });
    if (answer.type !== "accepted" || !answer.claim) throw new Error("The turn is not claimed.");
    return answer.claim;
  }

  /** Accepts a turn and ends it. */
  async function ended(query: string, ending: Partial<Ending> & Asked = {}): Promise<Turn> {
    const { outcome = outcomeOf(`${query} Because.`), isSent = false, memory, reasoning, produced, ...asked } = ending;
    const held = await running(query, asked);
    if (!(await store.turns.finish(held, { outcome, isSent, memory, reasoning, produced })))
      throw new Error("The claim is void.");
    return await turn(held.turn.id);
  }

  async function turn(turnId: string): Promise<Turn> {
    const found = await store.history.turn(id, turnId);
    if (!found) throw new Error("There is no such turn.");
    return found;
  }

  async function reset() {
    const change = await store.conversations.reset(id);
    ({ sessionId } = change);
    return change;
  }

  return {
    id,
    owner,
    get sessionId() {
      return sessionId;
    },
    ask,
    accepted,
    running,
    claim,
    ended,
    turn,
    reset,
    /** Ids of the turns in the history. */
    async history(): Promise<string[] | undefined> {
      return (await store.history.page(id, 200))?.turns.map((one) => one.id);
    },
  };
}

export function requestOf(query: string): TurnRequest {
  return { query, context: {}, options: {}, preferences: {}, sampling: [] };
}

export function outcomeOf(response: string, status: Outcome["status"] = "completed"): Outcome {
  return {
    status,
    response,
    conversationType: "simple",
    routedTo: "simple_conversation",
    metadata: { processing_time: 12 },
    timestamp: "2026-11-23T12:00:00.000Z",
  };
}

export const idsOf = (turns: readonly { id: string }[] = []): string[] => turns.map(({ id }) => id);

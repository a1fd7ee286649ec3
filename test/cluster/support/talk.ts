import { setTimeout as sleep } from "node:timers/promises";

import type { HistoryTurn } from "../../support/payload.ts";
import { contentOf } from "./answers.ts";
import { type Kind, type Member, member } from "./member.ts";

export interface Asked {
  name: string;
  content: string;
  turnId: string;
  /** From the push to its `ok`, with all attempts. */
  acceptedMs: number;
  /** It may end as interrupted, because a tool of it may run when its process dies. */
  mayFail?: true;
}

/** One conversation: who is in it, and what was asked. */
export interface Talk {
  id: string;
  members: Member[];
  asked: Asked[];
  history: HistoryTurn[];
}

interface TalkOptions {
  url: string;
  /** Where those come in who look on, if not at `url`. */
  otherUrl?: string;
  id: string;
  engine: string;
  /** The first one asks, the others look on. */
  kinds: Kind[];
  random: () => number;
  /** How many messages at least. */
  turns: number;
  /** Goes on asking until this resolves. */
  until?: Promise<unknown>;
  isImpatient?: boolean;
  isLongPoll?: boolean;
  /** How long a turn may take, with all that happens to its nodes. */
  patienceMs?: number;
}

/** Talks until it is over, and all members have seen the end of every turn. */
export async function talk(options: TalkOptions): Promise<Talk> {
  const {
    url,
    otherUrl = url,
    id,
    engine,
    kinds,
    random,
    turns,
    until,
    isImpatient,
    isLongPoll,
    patienceMs = 60_000,
  } = options;
  const members: Member[] = [];
  for (const [index, kind] of kinds.entries())
    members.push(await member({ url: index === 0 ? url : otherUrl, topic: id, kind, isImpatient, isLongPoll }));
  const [asker] = members;
  if (!asker) throw new Error("Nobody asks.");
  const asked: Asked[] = [];
  let isOver = until === undefined;
  void until?.then(() => {
    isOver = true;
  });
  while (asked.length < turns || !isOver) {
    const name = `${id}.${asked.length}`;
    const content = contentOf(name);
    const at = performance.now();
    const turnId = await asker.send(name, content, { engine, when_busy: "queue" });
    asked.push({ name, content, turnId, acceptedMs: performance.now() - at });
    const isQueued = random() < 0.3;
    if (isQueued && asked.length % 4) continue;
    await asker.conversation.turn(turnId, patienceMs);
    await sleep(random() * 300);
  }
  for (const turn of asked) for (const one of members) await seen(one, turn, patienceMs);
  const { turns: history } = await asker.ask("get_history", { limit: 200 });
  return { id, members, asked, history };
}

/** Waits until the member has seen the end of the turn. Says who has not. */
export async function seen({ kind, conversation, joins }: Member, { name, turnId }: Asked, patienceMs: number) {
  try {
    await conversation.turn(turnId, patienceMs);
  } catch (cause) {
    throw new Error(`The ${kind} member, which has joined ${joins.length} times, never saw the end of ${name}.`, {
      cause,
    });
  }
}

import { setTimeout as sleep } from "node:timers/promises";

import { aiSdkChat, langGraphChat, type OpenChat, threadChat } from "./client/chats.ts";
import { conversation } from "./client/conversation.ts";
import type { Measured } from "./program.ts";
import type { Stage } from "./stage.ts";

/** A server that is measured in the same way as the server under test. */
export interface Contestant {
  name: string;
  start(): Promise<Measured>;
  open: OpenChat;
  /** How long it keeps working after its last request. */
  settlesMs?: number;
}

export function theServer({ server }: Stage): Contestant {
  return { name: "server", start: server, open: conversation };
}

export function theVersionBefore({ before }: Stage): Contestant[] {
  return before ? [{ name: "the version before", start: before, open: conversation }] : [];
}

export function express({ peers }: Stage): Contestant {
  return { name: "Express + AI SDK", start: peers.express, open: aiSdkChat };
}

export function hono({ peers }: Stage): Contestant {
  return { name: "Hono + LangGraph + SQLite", start: peers.hono, open: threadChat };
}

/** It writes its files after 3 s without requests. */
export function langGraph({ peers }: Stage): Contestant {
  return { name: "LangGraph's own server", start: peers.langGraph, open: langGraphChat, settlesMs: 3_500 };
}

/** Measures them one after another, in alternating order, so that none has an advantage. */
export function inTurns<Figures>(measure: (program: Measured, contestant: Contestant) => Promise<Figures>) {
  let isForward = false;
  return async (server: Contestant, peers: Contestant[]) => {
    isForward = !isForward;
    const all = [server, ...peers];
    const found = new Map<Contestant, Figures>();
    for (const one of isForward ? all : all.toReversed()) {
      found.set(one, await measure(await one.start(), one));
      await sleep(one.settlesMs ?? 0);
    }
    // All of them were set above.
    const figuresOf = (one: Contestant) => found.get(one) as Figures;
    return { served: figuresOf(server), others: peers.map((peer) => ({ name: peer.name, ...figuresOf(peer) })) };
  };
}

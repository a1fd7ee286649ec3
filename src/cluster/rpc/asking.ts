import type { Nodes } from "../nodes.ts";
import type { Mail, Send } from "./mail.ts";
import type { Parcels } from "./parcels.ts";

/** A request is given up if nobody has heard it by then. */
const askingMs = 2_000;

/** Somebody who does not wait any more leaves the other node so long to finish. */
const finishingMs = 1_000;

const confirmingMs = 5_000;

/** The reply of another node. */
export interface Asked {
  reply: unknown;
  /** Call it once: whether the reply has reached whom it is for. */
  done(isTaken: boolean): void;
}

export interface AskOptions {
  timeoutMs: number;
  /** An abort asks the other node to reply at once with what it has. */
  signal: AbortSignal;
}

interface Log {
  warn(fields: object, message: string): void;
}

/** The requests of this node that have no reply yet. */
export function asking(parts: { nodes: Nodes; send: Send; parcels: Parcels; log: Log }) {
  const { nodes, send, parcels, log } = parts;
  const open = new Map<string, { node: string; settle(asked: Asked | undefined): void }>();
  let count = 0;

  /** Undefined if the node is gone, or does not reply in time. Never rejects. */
  async function ask(node: string, request: unknown, { timeoutMs, signal }: AskOptions): Promise<Asked | undefined> {
    if (nodes.cardOf(node) === undefined) return undefined;
    count += 1;
    const id = String(count);
    const from = nodes.id;
    const { promise, resolve } = Promise.withResolvers<Asked | undefined>();
    const timers = [setTimeout(giveUp, timeoutMs)];
    signal.addEventListener("abort", finish);
    open.set(id, {
      node,
      settle(asked) {
        open.delete(id);
        for (const timer of timers) clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve(asked);
      },
    });

    function giveUp(): void {
      if (open.has(id)) void send(node, { type: "done", id, from, isTaken: false });
      open.get(id)?.settle(undefined);
    }

    function finish(): void {
      void send(node, { type: "finish", id, from });
      timers.push(setTimeout(giveUp, finishingMs));
    }

    const isSent = await parcels.pack(request).then(
      (parcel) => send(node, { type: "ask", id, from, parcel }, askingMs),
      () => false,
    );
    if (!isSent) giveUp();
    return promise;
  }

  async function replied({ id, parcel, isConfirmed }: Mail & { type: "reply" }): Promise<void> {
    const { node, settle } = open.get(id) ?? {};
    if (node === undefined || !settle) return;
    const confirm = (isTaken: boolean) => void send(node, { type: "done", id, from: nodes.id, isTaken }, confirmingMs);
    try {
      settle({ reply: await parcels.unpack(parcel), done: isConfirmed ? confirm : () => {} });
    } catch (error) {
      log.warn({ err: error }, "the reply of another node was lost");
      confirm(false);
      settle(undefined);
    }
  }

  /** Ends the requests to a node; without one, all. */
  function end(gone?: string): void {
    for (const { node, settle } of [...open.values()]) if (gone === undefined || node === gone) settle(undefined);
  }

  return { ask, replied, end };
}

import type { Nodes } from "../nodes.ts";
import type { Redis } from "../redis.ts";
import { type Asked, type AskOptions, asking } from "./asking.ts";
import { inboxOf, readMail, sender } from "./mail.ts";
import type { Parcels } from "./parcels.ts";
import { type Handler, serving } from "./serving.ts";

interface Log {
  warn(fields: object, message: string): void;
}

/** Requests and replies between nodes. Each happens at most once, and a lost one is known to both sides in the end. */
export interface Rpc {
  /** Undefined if the node is gone, or does not reply in time. Never rejects. */
  ask(node: string, request: unknown, options: AskOptions): Promise<Asked | undefined>;
  /** Replies to what other nodes ask. */
  serve(handler: Handler): void;
  close(): void;
}

export function openRpc(
  redis: Pick<Redis, "publish" | "subscribe" | "unsubscribe">,
  nodes: Nodes,
  parcels: Parcels,
  log: Log,
): Rpc {
  const send = sender(redis, nodes);
  const asked = asking({ nodes, send, parcels, log });
  const served = serving({ send, parcels, log });
  const inbox = inboxOf(nodes.id);

  function hear(text: string): void {
    const mail = readMail(text);
    if (mail?.type === "ask") void served.serve(mail);
    else if (mail?.type === "finish") served.finish(mail);
    else if (mail?.type === "done") served.done(mail);
    else if (mail) void asked.replied(mail);
  }

  const forget = nodes.onGone((node) => {
    asked.end(node);
    served.end(node);
  });
  void redis.subscribe(inbox, hear);

  return {
    ask: asked.ask,
    serve: served.handleWith,
    close() {
      forget();
      redis.unsubscribe(inbox, hear);
      asked.end();
      served.end();
    },
  };
}

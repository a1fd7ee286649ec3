import type { Mail, Send } from "./mail.ts";
import type { Parcels } from "./parcels.ts";

const replyingMs = 5_000;

/** A reply that nobody confirmed by then counts as lost. */
const confirmedMs = 30_000;

export interface Served {
  reply: unknown;
  /** Called once: whether the reply has reached whom it is for, as far as is known. Without it, nobody needs to know. */
  done?: (isTaken: boolean) => void;
}

/** An abort means: reply at once with what you have. */
export type Handler = (request: unknown, signal: AbortSignal) => Promise<Served>;

interface Log {
  warn(fields: object, message: string): void;
}

interface Serving {
  from: string;
  controller: AbortController;
  patience?: NodeJS.Timeout;
  end(isTaken: boolean): void;
}

/** The requests of other nodes that are not over. */
export function serving({ send, parcels, log }: { send: Send; parcels: Parcels; log: Log }) {
  const open = new Map<string, Serving>();
  let handle: Handler | undefined;

  async function serve({ from, id, parcel }: Mail & { type: "ask" }): Promise<void> {
    const { key, controller, ended } = begin(from, id);
    try {
      if (!handle) throw new Error("Nothing is served yet.");
      const { reply, done } = await handle(await parcels.unpack(parcel), controller.signal);
      const isConfirmed = done !== undefined;
      if (done) void ended.then(done);
      const isSent = await send(
        from,
        { type: "reply", id, parcel: await parcels.pack(reply), isConfirmed },
        replyingMs,
      );
      const request = open.get(key);
      if (!isSent || !isConfirmed) end(key, isSent);
      else if (request) request.patience = setTimeout(end, confirmedMs, key, false);
    } catch (error) {
      log.warn({ err: error }, "a request of another node failed");
      end(key, false);
    }
  }

  function begin(from: string, id: string) {
    const key = keyOf({ from, id });
    const controller = new AbortController();
    const { promise: ended, resolve } = Promise.withResolvers<boolean>();
    open.set(key, { from, controller, end: resolve });
    return { key, controller, ended };
  }

  function end(key: string, isTaken: boolean): void {
    const request = open.get(key);
    open.delete(key);
    clearTimeout(request?.patience);
    request?.end(isTaken);
    request?.controller.abort();
  }

  return {
    serve,
    handleWith(handler: Handler): void {
      handle = handler;
    },
    finish: (request: Mail & { type: "finish" }) => open.get(keyOf(request))?.controller.abort(),
    done: (request: Mail & { type: "done" }) => end(keyOf(request), request.isTaken),
    /** Ends the requests of a node; without one, all. */
    end(gone?: string): void {
      for (const [key, { from }] of [...open]) if (gone === undefined || from === gone) end(key, false);
    },
  };
}

function keyOf({ from, id }: { from: string; id: string }): string {
  return `${from}:${id}`;
}

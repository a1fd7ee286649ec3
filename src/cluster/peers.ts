import { z } from "zod";

import type { Log } from "../telemetry/log.ts";
import type { Peers } from "../transport/peers.ts";
import type { Nodes } from "./nodes.ts";
import type { Redis } from "./redis.ts";
import { parcels, redisShelf } from "./rpc/parcels.ts";
import { openRpc, type Rpc } from "./rpc/rpc.ts";
import { originOf, type sessionTokens } from "./session-tokens.ts";

const request = z.discriminatedUnion("type", [
  z.object({ type: z.literal("poll"), token: z.string() }),
  z.object({ type: z.literal("post"), token: z.string(), contentType: z.string(), body: z.string() }),
]);

const reply = z.nullable(
  z.object({
    status: z.literal([200, 204, 408, 410, 413, 500]),
    token: z.string().optional(),
    messages: z.array(z.string()).optional(),
  }),
);

interface Parts {
  redis: Pick<Redis, "isUp">;
  nodes: Nodes;
  rpc: Rpc;
  tokens: ReturnType<typeof sessionTokens>;
}

/** Call `close` before those of the nodes and of Redis. */
export function openPeers(redis: Redis, nodes: Nodes, tokens: ReturnType<typeof sessionTokens>, log: Log) {
  const rpc = openRpc(redis, nodes, parcels(redisShelf(redis.client)), log);
  return { peers: peers({ redis, nodes, rpc, tokens }), close: rpc.close };
}

/** Long poll sessions over requests between nodes. What a node of another version says otherwise counts as no reply. */
export function peers({ redis, nodes, rpc, tokens }: Parts): Peers {
  return {
    get isConnected() {
      return redis.isUp;
    },
    tokenFor: (userId) => tokens.tokenOf(nodes.id, userId),
    ownerOf: (token) => originOf(token, nodes.cardOf),
    async forward(node, forwarded, options) {
      const asked = await rpc.ask(node, forwarded, options);
      if (!asked) return undefined;
      const { data, success } = reply.safeParse(asked.reply);
      if (success) return { reply: data, done: asked.done };
      asked.done(false);
      return undefined;
    },
    serve(handler) {
      rpc.serve((asked, signal) => handler(request.parse(asked), signal));
    },
  };
}

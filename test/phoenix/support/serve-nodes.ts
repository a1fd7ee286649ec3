import { onTestFinished } from "vitest";

import { openNodes } from "../../../src/cluster/nodes.ts";
import { peers } from "../../../src/cluster/peers.ts";
import { parcels } from "../../../src/cluster/rpc/parcels.ts";
import { openRpc } from "../../../src/cluster/rpc/rpc.ts";
import { sessionTokens } from "../../../src/cluster/session-tokens.ts";
import { channels } from "../../support/channels.ts";
import { poller } from "./poller.ts";
import { serveRoom } from "./serve-room.ts";

/** The test channel on several nodes that know each other, with channels in memory instead of Redis. */
export async function serveNodes(count: number, overrides: Parameters<typeof serveRoom>[0] = {}) {
  const shared = channels();
  const shelf = new Map<string, string>();
  const packing = parcels({
    put: async (key, text) => void shelf.set(key, text),
    take: async (key) => {
      const text = shelf.get(key) ?? null;
      shelf.delete(key);
      return text;
    },
  });
  const started = await Promise.all(
    Array.from({ length: count }, async () => {
      const line = shared.line();
      const tokens = sessionTokens();
      const nodes = openNodes(line, tokens.card);
      const rpc = openRpc(line, nodes, packing, { warn() {} });
      onTestFinished(async () => {
        rpc.close();
        await nodes.close();
      });
      const served = await serveRoom({ ...overrides, peers: peers({ redis: line, nodes, rpc, tokens }) });
      return { ...served, line, nodes, client: poller(served.port) };
    }),
  );
  await Promise.all(started.map(({ nodes }) => known(nodes, count - 1)));
  const [owner, ...others] = started;
  if (!owner) throw new Error("no node was started");
  return { owner, others, shared, shelf };
}

function known(nodes: ReturnType<typeof openNodes>, count: number): Promise<void> {
  return new Promise((resolve) => {
    if (nodes.others().length >= count) resolve();
    else nodes.onNew(() => nodes.others().length >= count && resolve());
  });
}

import { once } from "node:events";
import { poller } from "./poller.ts";
import { serveRoom } from "./serve-room.ts";

/** A server with one long poll client that has joined `room:a`. */
export async function longPollMember(overrides: Parameters<typeof serveRoom>[0] = {}) {
  const served = await serveRoom(overrides);
  const client = poller(served.port);
  const token = await client.open();
  await client.post(token, [["1", "1", "room:a", "phx_join", {}]]);
  await client.frames(token);

  /** Resolves once the poll has reached the server. The answer is wrapped in an object so that it is not awaited too. */
  async function poll(options: { signal?: AbortSignal } = {}) {
    const reached = once(served.server, "request");
    const answer = client.ask({ token, ...options });
    answer.catch(() => {});
    await reached;
    return { answer };
  }

  return { ...served, client, token, poll };
}

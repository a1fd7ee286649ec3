import type { ConversationAdapter } from "./adapter.ts";

/**
 * The hook bypasses its transport to cancel runs and read the history over HTTP. This `fetch` answers inside the page instead.
 */
export function localServer(adapter: ConversationAdapter): typeof fetch {
  return async (address, init) => {
    const { pathname } = new URL(address instanceof Request ? address.url : address);
    const [, turnId] = /\/runs\/([^/]+)\/cancel$/.exec(pathname) ?? [];
    if (turnId !== undefined) {
      await adapter.stop(decodeURIComponent(turnId));
      return new Response(null, { status: 204 });
    }
    if (pathname.endsWith("/history")) {
      const { limit, before } = JSON.parse(String(init?.body ?? "{}"));
      return answer(await adapter.getHistory({ limit, before: before?.configurable?.checkpoint_id }));
    }
    if (pathname.endsWith("/state")) return answer(await adapter.getState());
    return new Response(JSON.stringify({ detail: "Not found" }), { status: 404 });
  };
}

/** Passes the value without JSON: a history of long answers is slow to serialize and parse. */
function answer(body: unknown): Response {
  return Object.defineProperty(new Response(), "json", { value: async () => body });
}

import type { ConversationAdapter } from "./adapter.ts";

/**
 * The hook cancels a run and reads the history over HTTP, past its transport. This `fetch` answers in the page instead.
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

/** Handed over as it is: a history of long answers is slow to write and to parse. */
function answer(body: unknown): Response {
  return Object.defineProperty(new Response(), "json", { value: async () => body });
}

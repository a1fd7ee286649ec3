import type { BrowserContext } from "playwright-core";

type Frame = [string | null, string, string, string, unknown];
type Answers = Record<string, (payload: unknown) => unknown>;

/** Answers pushes to `workbench:…` in the browser. Everything else goes to the server. */
export function workbenchOf(answers: Answers) {
  return async (context: BrowserContext): Promise<void> => {
    await context.routeWebSocket(/socket\/websocket/, (page) => {
      const server = page.connectToServer();
      page.onMessage((message) => {
        // phoenix.js sends V2 frames, which are arrays of five.
        const [joinRef, ref, topic, event, payload] = JSON.parse(String(message)) as Frame;
        if (!topic.startsWith("workbench:")) return server.send(message);
        const answer = answers[event];
        const reply = { status: answer ? "ok" : "error", response: answer ? answer(payload) : { reason: "not_found" } };
        page.send(JSON.stringify([joinRef, ref, topic, "phx_reply", reply]));
      });
    });
  };
}

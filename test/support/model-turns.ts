import { expect } from "vitest";
import type { Conversation, TurnSeen } from "./client.ts";
import { simple } from "./conversation.ts";
import { historyFlaws, type ModelRequest, type Reply } from "./model-server.ts";
import { isLong } from "./size.ts";
import { start } from "./start.ts";

/** How the model replies to the requests of one turn; undefined leaves it to the model server. */
export type Script = (request: ModelRequest) => Reply | undefined;

export interface Asked {
  script: Script;
  /** Fields of the `message` besides its content. */
  payload?: object;
  /** The maximum and minimum duration of the turn. Checked only by `npm run test:long`. */
  mostMs?: number;
  leastMs?: number;
}

const slackMs = 3000;

/** What no client may ever see of a provider. */
const canaries =
  /sk-|canary|openai|api key|127\.0\.0\.1|localhost|boom|html|gateway|quota|overloaded|node_modules|\bat .+:\d+/i;

/** A server whose model misbehaves differently in each concurrent turn. */
export async function faultyTurns(env: Record<string, string>) {
  const limits = { RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_JOINS: "0", RATE_LIMIT_PUSHES: "0", ROUTING_THRESHOLD: "1" };
  const server = await start({ ...limits, MAX_RUNNING_TURNS_PER_USER: "0", ...env }); // so that no turn waits for another one
  const client = await server.connect();
  const scripts = new Map<string, Script>();
  server.model.answer((request) => scripts.get(request.user)?.(request));

  /** Expects that the next turn works, and that its request contains the previous turn if that had an answer. */
  async function expectNextTurn(conversation: Conversation, question: string, answer: string): Promise<void> {
    const nextQuestion = `Next after ${question}`;
    const next = await conversation.ask(nextQuestion, simple);
    expect(next.terminal).toMatchObject({ event: "response", payload: { response: `Answer to: ${nextQuestion}` } });
    const request = await server.model.waitForRequest(({ user }) => user === nextQuestion);
    expect(historyFlaws(request)).toEqual([]);
    const told = request.messages.slice(1, -1).map(({ content }) => content);
    if (answer.trim() === "") expect(told).toEqual([]);
    else expect(told).toEqual([question, answer.length > 16_000 ? expect.stringMatching(/…$/) : answer]);
  }

  return {
    model: server.model,
    /** Runs one turn and the next one, and checks what must hold for every fault. */
    async ask({ script, payload = simple, mostMs = 0, leastMs = 0 }: Asked) {
      const question = `What does ${crypto.randomUUID()} mean?`;
      scripts.set(question, script);
      const conversation = await client.join(crypto.randomUUID());
      const askedAt = performance.now();
      const turn: TurnSeen = await conversation.ask(question, payload);
      const endedAt = performance.now();
      if (isLong) expect(endedAt - askedAt).toBeLessThan(mostMs + slackMs);
      if (isLong) expect(endedAt - askedAt).toBeGreaterThanOrEqual(leastMs);

      const { response: history } = await conversation.push("get_history");
      // Presence has a random reference, which may match by chance.
      const events = conversation.events.filter(({ event }) => !event.startsWith("presence_"));
      const seen = [...events.map(({ payload: shown }) => shown), history];
      expect(JSON.stringify(seen)).not.toMatch(canaries);
      const requests = server.model.requests.filter(({ user }) => user === question);
      const metadata = { usage: { llm_calls: requests.length } };
      expect(history.turns).toMatchObject([{ turn_id: turn.turnId, response: turn.text, metadata }]);
      await expectNextTurn(conversation, question, turn.text);
      expect(conversation.terminals(turn.turnId)).toHaveLength(1);
      await conversation.leave();
      return { turn, requests, endedAt, status: history.turns[0]?.status, ...turn.terminal };
    },
    async close(): Promise<void> {
      await client.close();
      await server.close();
    },
  };
}

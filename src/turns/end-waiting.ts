import type { Store } from "../store/store.ts";
import type { WaitingTurn } from "../store/waits.ts";
import type { Bus, ToolCall } from "./bus.ts";
import { ledger } from "./ledger.ts";
import type { Live } from "./live.ts";
import { answered } from "./outcome.ts";
import { terminalEvent } from "./terminal-event.ts";
import { entriesOf } from "./tool-calls.ts";
import { accountOf } from "./waiting.ts";

interface Parts {
  store: Store;
  bus: Bus;
  live: Live;
}

/** Stops a turn that waits, or that has its answers and does not run yet. Returns false if it has begun to run, or has ended. */
export function waitEnder({ store, bus, live }: Parts) {
  return async function endWaiting({ turn, wait }: WaitingTurn): Promise<boolean> {
    const { id: turnId, conversationId, userId } = turn;
    const told = [...(await store.toolCalls.told(turnId)).values()];
    const account = ledger(undefined, accountOf(wait));
    const calls = entriesOf(told.map((call): ToolCall => JSON.parse(call)));
    const metadata = { ...account.metadata(), ...calls, ...account.sources(wait.answer.text) };
    const { route, firstWordMs } = account;
    const outcome = answered(turn, { text: wait.answer.text, route, metadata, firstWordMs }, true);
    const { memory, produced, reasoning } = wait;
    const isSent = live.isWatched(conversationId);
    const ending = { outcome, memory, produced, reasoning: reasoning?.text, isSent };
    if (!(await store.waits.end(turnId, ending))) return false;
    bus.publish(conversationId, { type: "ended", turnId, terminal: terminalEvent(turn, outcome), isSent });
    bus.send({ type: "wake", conversationId, userId }); // for the turns behind it
    return true;
  };
}

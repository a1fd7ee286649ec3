import type { TurnStore, Unfinished } from "../store/turns.ts";
import type { Runner } from "./runner.ts";

/** So many conversations are taken up at a time after a start; others come first in what is left of the slots. */
const atATime = 16;

/** Turns are looked up in pages of so many conversations. */
const page = 100;

/** Takes up the turns that had not ended when the process before this one did. Resolves when all of them are over. */
export async function recover(turns: Pick<TurnStore, "unfinished">, runner: Pick<Runner, "settle">): Promise<void> {
  const all = unfinished(turns);
  async function take(): Promise<void> {
    for (let { value, done } = await all.next(); !done; { value, done } = await all.next()) {
      if (value) await runner.settle(value.conversationId, value.userId);
    }
  }
  await Promise.all(Array.from({ length: atATime }, take));
}

async function* unfinished(turns: Pick<TurnStore, "unfinished">): AsyncGenerator<Unfinished, undefined> {
  let after = 0;
  for (let found = await turns.unfinished(after, page); found.length > 0; found = await turns.unfinished(after, page)) {
    yield* found;
    after = found.at(-1)?.seq ?? after;
  }
  return undefined;
}

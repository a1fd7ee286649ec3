import type { TurnStore, Unfinished } from "../store/turns.ts";
import type { Runner } from "./runner.ts";

/** Conversations recovered at the same time. Kept low, so that new messages find free slots. */
const concurrency = 16;

const pageSize = 100;

/** Runs the turns that were unfinished when the previous process ended. Resolves when they have ended. */
export async function recover(turns: Pick<TurnStore, "unfinished">, runner: Pick<Runner, "runAll">): Promise<void> {
  const all = unfinished(turns);
  async function work(): Promise<void> {
    for (let { value, done } = await all.next(); !done; { value, done } = await all.next()) {
      if (value) await runner.runAll(value.conversationId, value.userId);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
}

async function* unfinished(turns: Pick<TurnStore, "unfinished">): AsyncGenerator<Unfinished, undefined> {
  let after = 0;
  while (true) {
    const page = await turns.unfinished(after, pageSize);
    if (page.length === 0) return undefined;
    yield* page;
    after = page.at(-1)?.seq ?? after;
  }
}

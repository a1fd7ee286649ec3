import type { Readable, TurnState } from "../store/state.ts";
import { type Chunk, chunker } from "./chunks.ts";
import { isUnfinished } from "./message.ts";

/**
 * A turn from its beginning to its end. Fails with the `ConversationError` of a turn that was refused or failed, after
 * everything that was written of it. Calls `onEnd` when it has ended or was cancelled.
 */
export function streamOf(turn: Readable<TurnState | undefined>, onEnd: () => void): ReadableStream<Chunk> {
  const news = chunker();
  let told: TurnState | undefined;
  let isOver = false;
  let wake = () => {};
  const unsubscribe = turn.subscribe(() => wake());

  function end(): void {
    isOver = true;
    unsubscribe();
    wake();
    onEnd();
  }

  /** Waits until there is something new. Undefined: there will be nothing more. */
  async function next(): Promise<Chunk[] | undefined> {
    while (!isOver && (!told || isUnfinished(told))) {
      const state = turn.getSnapshot();
      if (!state) return undefined; // the turn has left the conversation
      const chunks = state === told ? [] : news(state);
      told = state;
      if (chunks.length > 0) return chunks;
      if (isUnfinished(state)) await new Promise<void>((resolve) => (wake = resolve));
    }
    return undefined;
  }

  return new ReadableStream<Chunk>(
    {
      // Called when everything before was taken: the slower the page, the fewer and larger the pieces.
      async pull(controller) {
        const chunks = await next();
        if (isOver) return;
        for (const chunk of chunks ?? []) controller.enqueue(chunk);
        if (chunks) return;
        end();
        if (told?.error) controller.error(told.error);
        else controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

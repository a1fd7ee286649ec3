import { ConversationError } from "../error.ts";
import type { ConversationStore, TurnState } from "../store/state.ts";
import { chunker } from "./chunks.ts";
import { type Chunk, isStreaming } from "./message.ts";

export interface Source {
  key: string;
  /** For a turn that was started here: rejects if the server refuses it. */
  accepted?: Promise<unknown>;
}

/**
 * Streams a turn from its beginning to its end. If the turn is refused or fails, the stream ends with its `ConversationError`,
 * after all text. Calls `onEnd` when the turn has ended or waits for a
 * person, or the stream was cancelled.
 */
export function streamOf(
  store: ConversationStore,
  { key, accepted }: Source,
  onEnd: () => void,
): ReadableStream<Chunk> {
  const turn = store.turn(key);
  const news = chunker();
  let told: TurnState | undefined;
  let refusal: ConversationError | undefined;
  let isOver = false;
  let wake = () => {};
  const changed = () => wake();
  const unsubscribes = [turn.subscribe(changed), store.outline.subscribe(changed)];

  const known = accepted?.then(
    () => {},
    (error: ConversationError) => {
      refusal = error;
      wake();
    },
  );

  function end(): void {
    isOver = true;
    for (const unsubscribe of unsubscribes) unsubscribe();
    wake();
    onEnd();
  }

  /** Waits for a change. Undefined if there will be no more. */
  async function next(): Promise<Chunk[] | undefined> {
    while (!isOver && (!told || isStreaming(told))) {
      const state = turn.getSnapshot();
      if (!state) await known;
      if (!state || refusal) return undefined; // without a state, the turn has left the conversation
      const chunks = state === told ? [] : news(state);
      told = state;
      if (chunks.length > 0) return chunks;
      if (hasLeft()) return undefined;
      if (isStreaming(state)) await new Promise<void>((resolve) => (wake = resolve));
    }
    return undefined;
  }

  function hasLeft(): boolean {
    return store.outline.getSnapshot().connection.state === "left";
  }

  function failure(): ConversationError | undefined {
    if (refusal) return refusal;
    if (!told || !isStreaming(told)) return told?.error;
    return hasLeft() ? new ConversationError("left", "This conversation is closed on this page.") : undefined;
  }

  return new ReadableStream<Chunk>(
    {
      // Called when all earlier pieces have been read, so a slower page gets fewer and larger pieces.
      async pull(controller) {
        const chunks = await next();
        if (isOver) return;
        for (const chunk of chunks ?? []) controller.enqueue(chunk);
        if (chunks) return;
        end();
        const error = failure();
        if (error) controller.error(error);
        else controller.close();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
}

import type { Conversation } from "../handle.ts";
import type { ConversationOutline, Readable } from "../store/state.ts";
import { respond, startRun } from "./commands.ts";
import { eventStream, type OpenStream } from "./event-stream.ts";
import { historyOf, type Page, type PastState } from "./history.ts";
import { Projection } from "./projection.ts";
import { questions } from "./questions.ts";
import { wholeValuesOf } from "./screen.ts";
import type { Command, Event, EventStream, Filter, Reply, Respond, RunStart, Sent } from "./wire.ts";

/** What `useStream` takes as its `transport`: an `AgentServerAdapter`. */
export interface ConversationAdapter {
  readonly threadId: string;
  open(): Promise<void>;
  close(): Promise<void>;
  send(command: Command): Promise<Reply>;
  events(): AsyncIterable<Event>;
  openEventStream(filter: Filter): EventStream;
  getState<StateType = unknown>(): Promise<{ values: StateType; next: string[] }>;
  getHistory<StateType = unknown>(page?: Page): Promise<(PastState & { values: StateType })[]>;
  /** Stops a turn. Default: the running one, whoever started it. */
  stop(turnId?: string): Promise<void>;
  /** Adds an older page of the history to the messages. */
  loadEarlier(): Promise<void>;
}

/** Opens the conversation, or shares one that is open. Call the returned `release` once, when done. */
export type Hold = () => { conversation: Conversation; release: () => void };

export function conversationAdapter(threadId: string, hold: Hold): ConversationAdapter {
  const asked = questions();
  const streams = new Set<OpenStream>();
  let held: ReturnType<typeof follow> | undefined;
  let commands = 0;

  function follow() {
    const { conversation, release } = hold();
    const { store } = conversation;
    const projection = new Projection(store, asked);
    const unsubscribe = store.subscribe(() => send(projection.update()));
    return { conversation, projection, users: 0, release: () => [unsubscribe(), release()] };
  }

  function send(events: readonly Sent[]): void {
    for (const stream of streams) stream.send(events);
  }

  /** The conversation stays open while anything uses it. */
  function use() {
    held ??= follow();
    const used = held;
    used.users += 1;
    return {
      ...used,
      done(): void {
        used.users -= 1;
        if (used.users > 0) return;
        held = undefined;
        used.release();
      },
    };
  }

  async function using<Result>(work: (used: ReturnType<typeof use>) => Promise<Result>): Promise<Result> {
    const used = use();
    try {
      return await work(used);
    } finally {
      used.done();
    }
  }

  return {
    threadId,
    open: async () => {},
    close: async () => {},
    async *events() {}, // for transports without `openEventStream`
    send: (command: Command): Promise<Reply> =>
      using(async ({ conversation, projection }) => {
        const { id, method, params } = command;
        if (method === "input.respond") {
          await respond(conversation, params as Respond);
          return { type: "success", id, result: {} };
        }
        if (method !== "run.start") {
          return { type: "error", id, error: "not_supported", message: `A conversation has no ${method}.` };
        }
        commands += 1;
        const wasRunning = projection.isRunning;
        try {
          const { turn_id, duplicate } = await startRun(conversation, asked, params as RunStart);
          if (duplicate) send(projection.ended());
          if (wasRunning) send(projection.goesOn());
          send(projection.asks());
          return { type: "success", id, result: { run_id: turn_id } };
        } finally {
          commands -= 1;
        }
      }),
    openEventStream(filter: Filter) {
      const { projection, done } = use();
      const stream = eventStream(filter, () => {
        streams.delete(stream);
        done();
      });
      streams.add(stream);
      stream.send(projection.snapshot());
      // From version 1.15 on, the SDK takes whatever it reads as running. What it is about to send must not appear to have ended.
      setTimeout(() => {
        if (commands === 0) stream.send(projection.lifecycle());
      });
      return stream;
    },
    getState: <StateType = unknown>() =>
      using(async ({ conversation, projection }) => {
        await loaded(conversation);
        // The hook only listens while `next` is not empty, and another page may start a turn.
        return { values: wholeValuesOf(projection.screen, { written: false }) as StateType, next: ["answer"] };
      }),
    getHistory: <StateType = unknown>(page?: Page) =>
      using(async ({ conversation, projection }) => {
        await loaded(conversation);
        return historyOf(threadId, [...projection.screen.views.values()], page) as (PastState & {
          values: StateType;
        })[];
      }),
    stop: (turnId) => using(async ({ conversation }) => void (await conversation.stop(turnId))),
    loadEarlier: () => using(({ conversation }) => conversation.store.loadEarlier()),
  };
}

/** Rejects with the reason if the server refuses the connection or the join. */
async function loaded({ joined, store }: Conversation): Promise<void> {
  const { isLoaded, connection } = await until(store.outline, ({ isLoaded, connection: { state } }) => {
    return isLoaded || state === "refused" || state === "left";
  });
  if (isLoaded) return;
  if (connection.state === "refused") throw connection.error;
  await joined;
}

function until(
  { subscribe, getSnapshot }: Readable<ConversationOutline>,
  isRight: (outline: ConversationOutline) => boolean,
): Promise<ConversationOutline> {
  return new Promise((resolve) => {
    const look = () => {
      const outline = getSnapshot();
      if (!isRight(outline)) return;
      unsubscribe();
      resolve(outline);
    };
    const unsubscribe = subscribe(look);
    look();
  });
}

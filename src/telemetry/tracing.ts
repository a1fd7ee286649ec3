import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { Client, getDefaultProjectName } from "langsmith";

import type { JsonObject } from "../../graphs/host.ts";
import type { Rating } from "../store/history.ts";
import type { Turn } from "../store/turns.ts";
import type { Log } from "./log.ts";

/** A shutdown waits for so long, in ms, for traces that are still on their way. */
const flushMs = 2_000;

/** What LangGraph has to be told for a trace; nothing when tracing is off. */
export interface Trace {
  callbacks?: BaseCallbackHandler[];
  runName?: string;
  runId?: string;
  metadata?: JsonObject;
}

export interface Tracing {
  /** `facts` tells what is known of the turn so far, for its root run. */
  turn: (turn: Turn, facts: () => JsonObject) => Trace;
  /** Passes a user's word on a turn on to its trace. */
  rated: (turn: Turn, rating: Rating) => void;
  flush(): Promise<void>;
}

/** One LangSmith trace a turn, sent in the background: a slow or dead LangSmith changes no turn. */
export function tracing(isOn: boolean, log: Log): Tracing {
  if (!isOn) return { turn: () => ({}), rated: () => {}, flush: async () => {} };
  const client = new Client({ blockOnRootRunFinalization: false });

  async function sendFeedback(id: string, score: number, comment?: string): Promise<void> {
    const { id: sessionId } = await client.readProject({ projectName: getDefaultProjectName() });
    await client.createFeedback(id, "user", { score, comment, sessionId });
  }

  return {
    turn({ id, conversationId, sessionId, userId, attempt, request }, facts) {
      const ids = {
        session_id: sessionId,
        thread_id: sessionId,
        conversation_id: conversationId,
        user_id: userId,
        turn_id: id,
      };
      return {
        callbacks: [new TurnTracer({ client }, facts)],
        runName: "conversation turn",
        runId: runId(id, attempt),
        metadata: { ...ids, attempt, options: request.options },
      };
    },
    rated({ id, attempt }, { score, comment }) {
      sendFeedback(runId(id, attempt), score, comment).catch((error: unknown) => {
        log.warn({ turn_id: id, err: error }, "the feedback was not sent to LangSmith");
      });
    },
    async flush() {
      const late = Symbol("late");
      const timeout = new Promise((resolve) => setTimeout(resolve, flushMs, late).unref());
      const sent = client
        .awaitPendingTraceBatches()
        .catch((error: unknown) => log.warn({ err: error }, "traces were not sent"));
      if ((await Promise.race([sent, timeout])) === late) log.warn("LangSmith did not take the last traces in time");
    },
  };
}

/** The root run of a turn's attempt: the first has the turn's own id. */
function runId(turnId: string, attempt: number): string {
  return attempt === 1
    ? turnId
    : turnId.replace(/^.{8}/, (head) => (Number.parseInt(head, 16) ^ attempt).toString(16).padStart(8, "0"));
}

/** Adds to the root run what is known only when the turn has run: its route, and the prompts with their hashes. */
class TurnTracer extends LangChainTracer {
  readonly #facts: () => JsonObject;

  constructor(fields: ConstructorParameters<typeof LangChainTracer>[0], facts: () => JsonObject) {
    super(fields);
    this.#facts = facts;
  }

  override async onRunUpdate(run: Parameters<LangChainTracer["onRunUpdate"]>[0]): Promise<void> {
    if (!run.parent_run_id) {
      const { conversation_type, routed_to, routing, prompts, usage, model_used } = this.#facts();
      const told = { conversation_type, routed_to, routing, prompts, usage, model_used };
      run.extra ??= {};
      run.extra.metadata = { ...run.extra.metadata, ...told };
    }
    await super.onRunUpdate(run);
  }

  /** LangGraph runs with a copy of its tracer: that has to be one of these too. */
  override copyWithTracingConfig(config: Parameters<LangChainTracer["copyWithTracingConfig"]>[0]): TurnTracer {
    const metadata = { ...config.metadata, ...this.tracingMetadata };
    const tags = [...new Set([...this.tracingTags, ...(config.tags ?? [])])];
    const copied = new TurnTracer({ ...this.fields, metadata, tags }, this.#facts);
    copied.runMap = this.runMap;
    copied.runTreeMap = this.runTreeMap;
    return copied;
  }
}

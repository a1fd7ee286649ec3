import type { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { LangChainTracer } from "@langchain/core/tracers/tracer_langchain";
import { isGraphBubbleUp } from "@langchain/langgraph";
import { Client, getDefaultProjectName } from "langsmith";

import type { JsonObject } from "../../graphs/host.ts";
import type { Rating } from "../store/history.ts";
import type { Turn } from "../store/turns.ts";
import type { Log } from "./log.ts";

/** How long a shutdown waits for pending traces. */
const flushMs = 2_000;

/** LangGraph's options for a trace; empty if tracing is off. */
export interface Trace {
  callbacks?: BaseCallbackHandler[];
  runName?: string;
  runId?: string;
  metadata?: JsonObject;
}

export interface Tracing {
  /** `facts` returns metadata for the root run; it is called when the turn has ended. `others` is more of it that is known already. */
  turn: (turn: Turn, facts: () => JsonObject, others?: JsonObject) => Trace;
  /** Adds a user's feedback to the turn's trace. */
  rated: (turn: Turn, rating: Rating) => void;
  flush(): Promise<void>;
}

/** Sends one LangSmith trace per turn in the background. A slow or unreachable LangSmith does not affect turns. */
export function tracing(isOn: boolean, log: Log): Tracing {
  if (!isOn) return { turn: () => ({}), rated: () => {}, flush: async () => {} };
  const client = new Client({ blockOnRootRunFinalization: false });
  if (!Client.getDefaultClientConfig().apiKey)
    log.warn("LANGSMITH_TRACING is on, and LANGSMITH_API_KEY is not set: LangSmith refuses traces without one");

  async function sendFeedback(id: string, score: number, comment?: string): Promise<void> {
    const { id: sessionId } = await client.readProject({ projectName: getDefaultProjectName() });
    await client.createFeedback(id, "user", { score, comment, sessionId });
  }

  return {
    turn({ id, conversationId, sessionId, userId, attempt, request }, facts, others) {
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
        metadata: { ...ids, attempt, options: request.options, ...others },
      };
    },
    rated({ id, attempt }, { score, comment }) {
      sendFeedback(runId(id, attempt), score, comment).catch((error: unknown) => {
        log.warn({ turn_id: id, err: error }, "feedback was not sent to LangSmith");
      });
    },
    async flush() {
      const late = Symbol("late");
      const timeout = new Promise((resolve) => setTimeout(resolve, flushMs, late).unref());
      const sent = client
        .awaitPendingTraceBatches()
        .catch((error: unknown) => log.warn({ err: error }, "traces were not sent"));
      if ((await Promise.race([sent, timeout])) === late)
        log.warn("the last traces were not sent to LangSmith in time");
    },
  };
}

/** Id of the root run of an attempt. The first attempt uses the turn's id. */
function runId(turnId: string, attempt: number): string {
  return attempt === 1
    ? turnId
    : turnId.replace(/^.{8}/, (head) => (Number.parseInt(head, 16) ^ attempt).toString(16).padStart(8, "0"));
}

type Rest<List extends unknown[]> = List extends [unknown, ...infer Others] ? Others : never;

/** Adds metadata to the root run that is known only at the end: route, usage, and the prompts with their hashes. */
class TurnTracer extends LangChainTracer {
  readonly #facts: () => JsonObject;

  constructor(fields: ConstructorParameters<typeof LangChainTracer>[0], facts: () => JsonObject) {
    super(fields);
    this.#facts = facts;
  }

  override async onRunUpdate(run: Parameters<LangChainTracer["onRunUpdate"]>[0]): Promise<void> {
    if (!run.parent_run_id) {
      const { conversation_type, routed_to, routing, prompts, usage, model_used } = this.#facts();
      const added = { conversation_type, routed_to, routing, prompts, usage, model_used };
      run.extra ??= {};
      run.extra.metadata = { ...run.extra.metadata, ...added };
    }
    await super.onRunUpdate(run);
  }

  /** A graph that waits for a person has not failed. */
  override async handleChainError(
    error: unknown,
    ...where: Rest<Parameters<LangChainTracer["handleChainError"]>>
  ): ReturnType<LangChainTracer["handleChainError"]> {
    const waits = isGraphBubbleUp(error) || (error instanceof Error && error.name === "WaitSignal");
    return waits
      ? await this.handleChainEnd({ waiting: true }, ...where)
      : await super.handleChainError(error, ...where);
  }

  /** LangGraph copies its tracers; the copy has to be a TurnTracer too. */
  override copyWithTracingConfig(config: Parameters<LangChainTracer["copyWithTracingConfig"]>[0]): TurnTracer {
    const metadata = { ...config.metadata, ...this.tracingMetadata };
    const tags = [...new Set([...this.tracingTags, ...(config.tags ?? [])])];
    const copied = new TurnTracer({ ...this.fields, metadata, tags }, this.#facts);
    copied.runMap = this.runMap;
    copied.runTreeMap = this.runTreeMap;
    return copied;
  }
}

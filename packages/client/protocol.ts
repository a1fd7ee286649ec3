// Generated from the schemas in src/channel/ by `npm run docs`.

/**
 * The payload of each event that a client can push.
 */
export interface ClientEvents {
  /**
   * Sends a message; it becomes one turn.
   */
  message: {
    /**
     * 1 to 4000 Unicode code points after trimming.
     */
    content: string;
    /**
     * For this message only, over the conversation's context.
     */
    context?: Record<string, unknown> | null;
    options?:
      | (Record<string, unknown> & {
          /**
           * Chooses the engine; without it the router does.
           */
          engine?: ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step") | null;
          /**
           * What to do while a turn runs; default: queue.
           */
          when_busy?: ("queue" | "replace" | "reject") | null;
        })
      | null;
    llm_config?: {
      /**
       * One of the server's MODELS.
       */
      model?: string;
      temperature?: number;
      max_tokens?: number;
      top_p?: number;
    } | null;
    /**
     * The client's own message id: the same id again starts nothing.
     */
    id?: string | null;
  };
  /**
   * Begins a new session: turns are stopped, history and context are empty.
   */
  new_conversation: object;
  /**
   * Changes the conversation's context.
   */
  set_context: {
    /**
     * Merged over the conversation's context; null removes a key.
     */
    context: Record<string, unknown>;
  };
  /**
   * Tells the other members that the user is typing.
   */
  typing: {
    typing: boolean;
  };
  /**
   * Ends a turn; what had arrived of its answer is kept.
   */
  stop: {
    /**
     * Default: the running turn.
     */
    turn_id?: string | null;
  };
  /**
   * Answers a turn's message again, from the state before it; that turn and those after it leave the history.
   */
  regenerate: {
    /**
     * Default: the last turn.
     */
    turn_id?: string | null;
    llm_config?: {
      /**
       * One of the server's MODELS.
       */
      model?: string;
      temperature?: number;
      max_tokens?: number;
      top_p?: number;
    } | null;
  };
  /**
   * As regenerate, with new content.
   */
  edit: {
    /**
     * Of an earlier turn.
     */
    turn_id: string;
    /**
     * 1 to 4000 Unicode code points after trimming.
     */
    content: string;
  };
  /**
   * Says how good a turn's answer was: kept with the turn, and sent to LangSmith where it is on.
   */
  feedback: {
    /**
     * Of an earlier turn.
     */
    turn_id: string;
    score: number;
    comment?: string | null;
    /**
     * The engine that should have answered: an example for the router.
     */
    expected?: ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step") | null;
  };
  /**
   * Reads the turns of this session, the newest last.
   */
  get_history: {
    /**
     * Default: 50.
     */
    limit?: number | null;
    /**
     * Only turns before this one.
     */
    before?: string | null;
  };
}

/**
 * The payload of each event that the server pushes.
 */
export interface ServerEvents {
  /**
   * Where a turn stands.
   */
  thinking: {
    /**
     * The turn's id.
     */
    turn_id: string;
    stage: "accepted" | "queued" | "routed" | "step_started" | "step_finished" | "answering";
    /**
     * accepted, queued: the message
     */
    query?: string;
    /**
     * routed
     */
    conversation_type?: "simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step";
    /**
     * routed
     */
    routed_to?:
      | "simple_conversation"
      | "complex_conversation"
      | "analysis_conversation"
      | "generation_conversation"
      | "problem_solver"
      | "multi_step_conversation";
    /**
     * routed
     */
    routing?: {
      decided_by: "local" | "model" | "client" | "rule";
      confidence: number;
      reason: string;
    };
    /**
     * step_started, step_finished: its name
     */
    step?: string;
    /**
     * step_finished: its finding
     */
    detail?: unknown;
    /**
     * step_finished: it gave nothing, and the turn goes on without it
     */
    failed?: true;
    [k: string]: unknown;
  };
  /**
   * The next piece of an answer; pieces never overlap or leave a gap.
   */
  response_delta: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * UTF-16 units of the answer before this piece.
     */
    offset: number;
    text: string;
    /**
     * With offset 0: replaces everything shown of this turn.
     */
    restart?: true;
  };
  /**
   * Ends a turn with its answer.
   */
  response: {
    /**
     * The turn's id.
     */
    turn_id: string;
    query: string;
    /**
     * All deltas since the last restart, joined.
     */
    response: string;
    /**
     * Null only for a turn that was stopped before it was routed.
     */
    conversation_type: ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step") | null;
    routed_to:
      | (
          | "simple_conversation"
          | "complex_conversation"
          | "analysis_conversation"
          | "generation_conversation"
          | "problem_solver"
          | "multi_step_conversation"
        )
      | null;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
    /**
     * How the answer came about, and what the engine found. A key without a value is left out.
     */
    metadata: {
      /**
       * In ms.
       */
      processing_time: number;
      /**
       * As the provider names it.
       */
      model_used: string;
      /**
       * Over all model calls of the turn.
       */
      usage: {
        input_tokens: number;
        output_tokens: number;
        llm_calls: number;
        /**
         * In US dollars, where the prices of all models that were asked are known.
         */
        cost_usd?: number;
      };
      routing?: {
        decided_by: "local" | "model" | "client" | "rule";
        confidence: number;
        reason: string;
      };
      /**
       * The prompts used, with their content hashes.
       */
      prompts: {
        [k: string]: string;
      };
      stopped?: true;
      /**
       * A length limit cut the answer.
       */
      truncated?: true;
      /**
       * The turn that this one answers again.
       */
      replaces?: string;
      /**
       * It was sent before.
       */
      redelivered?: true;
      fallback_model?: string;
      /**
       * What was left out, such as a step that failed.
       */
      warnings?: string[];
      /**
       * complex
       */
      steps?: string[];
      /**
       * analysis
       */
      analysis_points?: string[];
      /**
       * analysis
       */
      recommendations?: string[];
      /**
       * generation
       */
      generated_code?: string;
      /**
       * generation
       */
      implementation_plan?: string[];
      /**
       * problem_solving
       */
      root_cause?: string;
      /**
       * problem_solving
       */
      solution_steps?: string[];
      /**
       * multi_step
       */
      standalone_question?: string;
      [k: string]: unknown;
    };
  };
  /**
   * A refusal, or the end of a turn that failed.
   */
  error: {
    message: string;
    details: {
      code:
        | "invalid_payload"
        | "content_too_long"
        | "unknown_event"
        | "unauthorized"
        | "not_found"
        | "rate_limited"
        | "busy"
        | "budget_exceeded"
        | "model_not_allowed"
        | "model_timeout"
        | "model_rate_limited"
        | "model_refused"
        | "model_unavailable"
        | "draining"
        | "interrupted"
        | "internal";
      [k: string]: unknown;
    };
    /**
     * With it the error ends that turn; without it a push was refused.
     */
    turn_id?: string;
  };
  /**
   * A new session has begun.
   */
  conversation_reset: {
    session_id: string;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
  };
  /**
   * The conversation's context, whole.
   */
  context_updated: {
    context: Record<string, unknown>;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
  };
  /**
   * After each join: who is here.
   */
  presence_state: {
    [k: string]: {
      metas: {
        phx_ref: string;
        /**
         * ISO 8601, in UTC.
         */
        online_at: string;
        [k: string]: unknown;
      }[];
    };
  };
  /**
   * A device came or went.
   */
  presence_diff: {
    /**
     * Phoenix Presence: by user id, one meta for each device.
     */
    joins: {
      [k: string]: {
        metas: {
          phx_ref: string;
          /**
           * ISO 8601, in UTC.
           */
          online_at: string;
          [k: string]: unknown;
        }[];
      };
    };
    /**
     * Phoenix Presence: by user id, one meta for each device.
     */
    leaves: {
      [k: string]: {
        metas: {
          phx_ref: string;
          /**
           * ISO 8601, in UTC.
           */
          online_at: string;
          [k: string]: unknown;
        }[];
      };
    };
  };
  /**
   * Another member types, or has stopped.
   */
  typing: {
    user_id: string;
    typing: boolean;
  };
}

/**
 * The response of the `ok` reply to each event.
 */
export interface Replies {
  message: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * True when this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it; 0 when it starts now.
     */
    position: number;
  };
  new_conversation: {
    session_id: string;
  };
  set_context: {
    context: Record<string, unknown>;
  };
  typing: object;
  stop: {
    turn_id: string | null;
    stopped: boolean;
  };
  regenerate: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * True when this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it; 0 when it starts now.
     */
    position: number;
    /**
     * The turn that is answered again.
     */
    replaces: string;
  };
  edit: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * True when this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it; 0 when it starts now.
     */
    position: number;
    /**
     * The turn that is answered again.
     */
    replaces: string;
  };
  feedback: object;
  get_history: {
    turns: {
      /**
       * The turn's id.
       */
      turn_id: string;
      query: string;
      response: string;
      conversation_type: ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step") | null;
      routed_to:
        | (
            | "simple_conversation"
            | "complex_conversation"
            | "analysis_conversation"
            | "generation_conversation"
            | "problem_solver"
            | "multi_step_conversation"
          )
        | null;
      /**
       * When it ended, or was accepted where it has not.
       */
      timestamp: string;
      status: "queued" | "running" | "completed" | "stopped" | "failed";
      metadata: Record<string, unknown>;
    }[];
    has_more: boolean;
  };
}

/**
 * The parameters of a join.
 */
export interface JoinParams {
  /**
   * Repeats the key's user, or names it where the key may name any.
   */
  user_id?: string;
  /**
   * Sampling defaults and wishes such as language; unknown keys are offered to the prompts.
   */
  preferences?: Record<string, unknown>;
  /**
   * What this client has seen: the offset in the middle of a turn, none after its end.
   */
  resume?: {
    /**
     * Of an earlier turn.
     */
    turn_id: string;
    offset?: number | null;
  };
}

/**
 * The response of a join's `ok` reply.
 */
export interface Joined {
  conversation_id: string;
  session_id: string;
  user_id: string;
  last_turn_id: string | null;
  running_turn: {
    /**
     * The turn's id.
     */
    turn_id: string;
    query: string;
    offset: number;
  } | null;
  /**
   * What was left out of the preferences, and why.
   */
  warnings: string[];
}

/**
 * The response of an `error` reply.
 */
export interface Refusal {
  reason:
    | "invalid_payload"
    | "content_too_long"
    | "unknown_event"
    | "unauthorized"
    | "not_found"
    | "rate_limited"
    | "busy"
    | "budget_exceeded"
    | "model_not_allowed"
    | "model_timeout"
    | "model_rate_limited"
    | "model_refused"
    | "model_unavailable"
    | "draining"
    | "interrupted"
    | "internal";
  message: string;
  details: Record<string, unknown>;
}

/**
 * Why a push was refused or a turn failed.
 */
export type ErrorCode =
  | "invalid_payload"
  | "content_too_long"
  | "unknown_event"
  | "unauthorized"
  | "not_found"
  | "rate_limited"
  | "busy"
  | "budget_exceeded"
  | "model_not_allowed"
  | "model_timeout"
  | "model_rate_limited"
  | "model_refused"
  | "model_unavailable"
  | "draining"
  | "interrupted"
  | "internal";

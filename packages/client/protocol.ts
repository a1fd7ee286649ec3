// Generated from the schemas in src/channel/ by `npm run docs`.

/**
 * The payload of each event that a client can push.
 */
export interface ClientEvents {
  /**
   * Sends a message, which becomes one turn.
   */
  message: {
    /**
     * 1 to `MESSAGE_MAX_CHARS` (4,000) Unicode code points after trimming. May be empty if there are attachments.
     */
    content: string;
    /**
     * Up to 10 files that the user has uploaded.
     */
    attachments?:
      | {
          /**
           * From `POST /files`.
           */
          file_id: string;
        }[]
      | null;
    /**
     * For this message only; merged over the conversation's context.
     */
    context?: Record<string, unknown> | null;
    options?:
      | (Record<string, unknown> & {
          /**
           * Chooses the engine. Without it, the router does. `assistant` is there only if the setting ENGINES switches it on.
           */
          engine?:
            ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
          /**
           * What to do while another turn runs. Default: queue.
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
    id?: string | null;
    /**
     * The client's span, as in W3C Trace Context: `00-<trace id>-<span id>-01`. With OpenTelemetry on, the turn's span becomes its child. Anything else is ignored.
     */
    traceparent?: string | null;
  };
  /**
   * Starts a new session: ends all turns, and clears history and context.
   */
  new_conversation: object;
  /**
   * Changes the conversation's context.
   */
  set_context: {
    /**
     * Merged into the conversation's context; null removes a key.
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
   * Stops a turn. Its answer is the text written so far.
   */
  stop: {
    /**
     * Default: the running turn.
     */
    turn_id?: string | null;
  };
  /**
   * Answers a turn's message again, from the state before it. That turn and all later ones leave the history.
   */
  regenerate: {
    /**
     * For this message only; merged over the conversation's context. Default: that of the replaced turn.
     */
    context?: Record<string, unknown> | null;
    /**
     * Default: those of the replaced turn. A running turn is always stopped, whatever `when_busy` says.
     */
    options?:
      | (Record<string, unknown> & {
          /**
           * Chooses the engine. Without it, the router does. `assistant` is there only if the setting ENGINES switches it on.
           */
          engine?:
            ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
          /**
           * What to do while another turn runs. Default: queue.
           */
          when_busy?: ("queue" | "replace" | "reject") | null;
        })
      | null;
    /**
     * Up to 10 files that the user has uploaded. Default: those of the replaced turn.
     */
    attachments?:
      | {
          /**
           * From `POST /files`.
           */
          file_id: string;
        }[]
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
    id?: string | null;
    /**
     * The client's span, as in W3C Trace Context: `00-<trace id>-<span id>-01`. With OpenTelemetry on, the turn's span becomes its child. Anything else is ignored.
     */
    traceparent?: string | null;
    /**
     * Default: the last turn.
     */
    turn_id?: string | null;
  };
  /**
   * Like `regenerate`, with new content.
   */
  edit: {
    /**
     * For this message only; merged over the conversation's context. Default: that of the replaced turn.
     */
    context?: Record<string, unknown> | null;
    /**
     * Default: those of the replaced turn. A running turn is always stopped, whatever `when_busy` says.
     */
    options?:
      | (Record<string, unknown> & {
          /**
           * Chooses the engine. Without it, the router does. `assistant` is there only if the setting ENGINES switches it on.
           */
          engine?:
            ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
          /**
           * What to do while another turn runs. Default: queue.
           */
          when_busy?: ("queue" | "replace" | "reject") | null;
        })
      | null;
    /**
     * Up to 10 files that the user has uploaded. Default: those of the replaced turn.
     */
    attachments?:
      | {
          /**
           * From `POST /files`.
           */
          file_id: string;
        }[]
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
    id?: string | null;
    /**
     * The client's span, as in W3C Trace Context: `00-<trace id>-<span id>-01`. With OpenTelemetry on, the turn's span becomes its child. Anything else is ignored.
     */
    traceparent?: string | null;
    /**
     * The id of an earlier turn.
     */
    turn_id: string;
    /**
     * 1 to `MESSAGE_MAX_CHARS` (4,000) Unicode code points after trimming. May be empty if there are attachments.
     */
    content: string;
  };
  /**
   * Answers what a waiting turn asked with `input_requested`. The turn goes on once all of its open questions have an answer. `not_found` if one of these questions is unknown or has an answer: the first answer counts.
   */
  respond: {
    /**
     * The id of an earlier turn.
     */
    turn_id: string;
    /**
     * 1 to 50, each for another question.
     */
    responses: {
      interrupt_id: string;
      /**
       * The graph gets it as it is. What it expects depends on what it asked.
       */
      value: unknown;
    }[];
  };
  /**
   * Rates a turn's answer. The rating is stored with the turn, and sent to LangSmith if tracing is on.
   */
  feedback: {
    /**
     * The id of an earlier turn.
     */
    turn_id: string;
    score: number;
    comment?: string | null;
    /**
     * The engine that should have answered; an example for training the router.
     */
    expected?:
      ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
  };
  /**
   * Reads the turns of this session, oldest first.
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
   * Progress of a turn.
   */
  thinking: {
    /**
     * The turn's id.
     */
    turn_id: string;
    stage: "accepted" | "queued" | "routed" | "step_started" | "step_finished" | "answering";
    /**
     * With `accepted` and `queued`: the message.
     */
    query?: string;
    /**
     * With `accepted` and `queued`: the files of the message, if it has any.
     */
    attachments?: {
      /**
       * For `GET /files/<file_id>`.
       */
      file_id: string;
      name: string;
      /**
       * In bytes.
       */
      size: number;
      /**
       * By its content, not by its name.
       */
      media_type: string;
    }[];
    /**
     * With `accepted` and `queued`: the turn that this one replaces. It and those after it have left.
     */
    replaces?: string;
    /**
     * With `routed`.
     */
    conversation_type?:
      "simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant";
    /**
     * With `routed`.
     */
    routed_to?:
      | "simple_conversation"
      | "complex_conversation"
      | "analysis_conversation"
      | "generation_conversation"
      | "problem_solver"
      | "multi_step_conversation"
      | "assistant_conversation";
    /**
     * With `routed`.
     */
    routing?: {
      decided_by: "local" | "model" | "client" | "rule";
      confidence: number;
      reason: string;
    };
    /**
     * With `step_started` and `step_finished`: the step's name.
     */
    step?: string;
    /**
     * With `step_finished`: its result.
     */
    detail?: unknown;
    /**
     * With `step_finished`: the step failed, and the turn continues without it.
     */
    failed?: true;
    [k: string]: unknown;
  };
  /**
   * The next piece of an answer. Pieces neither overlap nor leave a gap.
   */
  response_delta: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * Length of the answer before this piece, in UTF-16 units.
     */
    offset: number;
    text: string;
    /**
     * Comes with offset 0: discard everything shown of this turn.
     */
    restart?: true;
  };
  /**
   * The next piece of what the model tells about its thinking, up to 256 KiB. Not part of the answer. Only for members that joined with `preferences.include_reasoning: true`.
   */
  reasoning_delta: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * Length of the reasoning before this piece, in UTF-16 units.
     */
    offset: number;
    text: string;
    /**
     * Comes with offset 0: discard the reasoning shown of this turn.
     */
    restart?: true;
  };
  /**
   * A tool is called. An input or output of more than 65,536 characters as JSON comes as text, and cut. Members that join later get the calls so far, with the pieces of a stream joined.
   */
  tool_call: {
    /**
     * The turn's id.
     */
    turn_id: string;
    tool_call_id: string;
    tool_name: string;
    stage: "started" | "output" | "finished" | "failed";
    /**
     * With `started`.
     */
    input?: unknown;
    /**
     * With `output`: the next piece of what the tool streams.
     */
    delta?: string;
    /**
     * With `finished`.
     */
    output?: unknown;
    /**
     * With `failed`.
     */
    message?: string;
  };
  /**
   * What a graph gave to LangGraph's `writer`. Not sent again to members that join later.
   */
  custom: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * At most 64 KiB as JSON.
     */
    data: unknown;
  };
  /**
   * The turn waits for a person, with status `waiting`. Members that join later get it after the turn's text, with the questions that are still open.
   */
  input_requested: {
    /**
     * The turn's id.
     */
    turn_id: string;
    requests: {
      /**
       * For `respond`. Unique within the turn.
       */
      interrupt_id: string;
      /**
       * What the graph asks: the value of its `interrupt()`.
       */
      value: unknown;
    }[];
  };
  /**
   * Questions of a waiting turn have been answered, on this device or another.
   */
  input_answered: {
    /**
     * The turn's id.
     */
    turn_id: string;
    interrupt_ids: string[];
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
     * The files of the turn's message, if it has any.
     */
    attachments?: {
      /**
       * For `GET /files/<file_id>`.
       */
      file_id: string;
      name: string;
      /**
       * In bytes.
       */
      size: number;
      /**
       * By its content, not by its name.
       */
      media_type: string;
    }[];
    /**
     * All deltas since the last restart, joined.
     */
    response: string;
    /**
     * Null only if the turn was stopped before it was routed.
     */
    conversation_type:
      ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
    routed_to:
      | (
          | "simple_conversation"
          | "complex_conversation"
          | "analysis_conversation"
          | "generation_conversation"
          | "problem_solver"
          | "multi_step_conversation"
          | "assistant_conversation"
        )
      | null;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
    /**
     * How the answer was made, and what the engine found. Keys without a value are left out.
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
         * In US dollars. Missing if the price of a model is unknown.
         */
        cost_usd?: number;
      };
      routing?: {
        decided_by: "local" | "model" | "client" | "rule";
        confidence: number;
        reason: string;
      };
      /**
       * The prompts used, by name, with their content hashes.
       */
      prompts: {
        [k: string]: string;
      };
      /**
       * The turn was stopped.
       */
      stopped?: true;
      /**
       * A length limit cut the answer.
       */
      truncated?: true;
      /**
       * The turn that this one replaces.
       */
      replaces?: string;
      /**
       * This event was sent before.
       */
      redelivered?: true;
      /**
       * The fallback model that answered.
       */
      fallback_model?: string;
      /**
       * From engines with tools. Inputs and outputs of more than 4,000 characters as JSON come as text, and cut.
       */
      tool_calls?: {
        tool_call_id: string;
        tool_name: string;
        input?: unknown;
        output?: unknown;
        /**
         * Why the call failed.
         */
        message?: string;
      }[];
      /**
       * What the answer was made from, if the join had `preferences.include_sources: true`. `[1]` in the answer is the first of them.
       */
      sources?: {
        title: string;
        url?: string;
        file_id?: string;
        quote?: string;
      }[];
      /**
       * What was left out, such as a step that failed.
       */
      warnings?: string[];
      /**
       * From the engine `complex`.
       */
      steps?: string[];
      /**
       * From the engine `analysis`.
       */
      analysis_points?: string[];
      /**
       * From the engine `analysis`.
       */
      recommendations?: string[];
      /**
       * From the engine `generation`.
       */
      generated_code?: string;
      /**
       * From the engine `generation`.
       */
      implementation_plan?: string[];
      /**
       * From the engine `problem_solving`.
       */
      root_cause?: string;
      /**
       * From the engine `problem_solving`.
       */
      solution_steps?: string[];
      /**
       * From the engine `multi_step`.
       */
      standalone_question?: string;
      [k: string]: unknown;
    };
  };
  /**
   * A push was refused, or a turn failed.
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
      /**
       * Why the model failed. Only for who runs the server: members with the key in the link that it printed at its start.
       */
      operator?: {
        /**
         * What the model server said, without keys, or what was wrong with it.
         */
        message: string;
        /**
         * What to do.
         */
        help?: string;
        model?: string;
        /**
         * Which was asked, without its query.
         */
        address?: string;
        /**
         * Of HTTP.
         */
        status?: number;
      };
      [k: string]: unknown;
    };
    /**
     * Set if the error ends a turn. Without it, a push was refused.
     */
    turn_id?: string;
    /**
     * The files of the turn's message, if it has any.
     */
    attachments?: {
      /**
       * For `GET /files/<file_id>`.
       */
      file_id: string;
      name: string;
      /**
       * In bytes.
       */
      size: number;
      /**
       * By its content, not by its name.
       */
      media_type: string;
    }[];
  };
  /**
   * A new session has started.
   */
  conversation_reset: {
    session_id: string;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
  };
  /**
   * The whole context of the conversation, after a change.
   */
  context_updated: {
    context: Record<string, unknown>;
    /**
     * ISO 8601, in UTC.
     */
    timestamp: string;
  };
  /**
   * Sent after each join: who is here.
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
   * A device joined or left.
   */
  presence_diff: {
    /**
     * Phoenix Presence: by user id, one meta per device.
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
     * Phoenix Presence: by user id, one meta per device.
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
   * Another member has started or stopped typing.
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
     * True if this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it in this conversation.
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
     * True if this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it in this conversation.
     */
    position: number;
    /**
     * The turn that is replaced.
     */
    replaces: string;
  };
  edit: {
    /**
     * The turn's id.
     */
    turn_id: string;
    /**
     * True if this message id was accepted before: nothing was started.
     */
    duplicate: boolean;
    /**
     * Turns ahead of it in this conversation.
     */
    position: number;
    /**
     * The turn that is replaced.
     */
    replaces: string;
  };
  respond: {
    turn_id: string;
  };
  feedback: object;
  get_history: {
    turns: {
      /**
       * The turn's id.
       */
      turn_id: string;
      query: string;
      /**
       * The files of the turn's message, if it has any.
       */
      attachments?: {
        /**
         * For `GET /files/<file_id>`.
         */
        file_id: string;
        name: string;
        /**
         * In bytes.
         */
        size: number;
        /**
         * By its content, not by its name.
         */
        media_type: string;
      }[];
      response: string;
      conversation_type:
        ("simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step" | "assistant") | null;
      routed_to:
        | (
            | "simple_conversation"
            | "complex_conversation"
            | "analysis_conversation"
            | "generation_conversation"
            | "problem_solver"
            | "multi_step_conversation"
            | "assistant_conversation"
          )
        | null;
      /**
       * When it ended, or when it was accepted if it has not ended.
       */
      timestamp: string;
      status: "queued" | "running" | "waiting" | "completed" | "stopped" | "failed";
      metadata: Record<string, unknown>;
      /**
       * What the model told about its thinking. Only for members that joined with `preferences.include_reasoning: true`.
       */
      reasoning?: string;
    }[];
    has_more: boolean;
  };
}

/**
 * What each engine finds, beside the metadata of all answers.
 */
export interface Findings {
  complex: {
    /**
     * From the engine `complex`.
     */
    steps?: string[];
  };
  analysis: {
    /**
     * From the engine `analysis`.
     */
    analysis_points?: string[];
    /**
     * From the engine `analysis`.
     */
    recommendations?: string[];
  };
  generation: {
    /**
     * From the engine `generation`.
     */
    generated_code?: string;
    /**
     * From the engine `generation`.
     */
    implementation_plan?: string[];
  };
  problem_solving: {
    /**
     * From the engine `problem_solving`.
     */
    root_cause?: string;
    /**
     * From the engine `problem_solving`.
     */
    solution_steps?: string[];
  };
  multi_step: {
    /**
     * From the engine `multi_step`.
     */
    standalone_question?: string;
  };
}

/**
 * The parameters of a join.
 */
export interface JoinParams {
  /**
   * The key's own user. A `key=*` names any user here.
   */
  user_id?: string;
  /**
   * Defaults for `llm_config`, and wishes such as a language; the prompts get all other keys as data. With `include_reasoning: true` this member gets `reasoning_delta`, and `reasoning` in the history.
   */
  preferences?: Record<string, unknown>;
  /**
   * What this client has seen: a turn and an offset in its answer, or the turn alone if it saw the end.
   */
  resume?: {
    /**
     * The id of an earlier turn.
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
    /**
     * The files of the turn's message, if it has any.
     */
    attachments?: {
      /**
       * For `GET /files/<file_id>`.
       */
      file_id: string;
      name: string;
      /**
       * In bytes.
       */
      size: number;
      /**
       * By its content, not by its name.
       */
      media_type: string;
    }[];
    offset: number;
  } | null;
  /**
   * The conversation's context, as `set_context` left it.
   */
  context: Record<string, unknown>;
  /**
   * Which join parameters were ignored, and why.
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

/**
 * What the server reads at all.
 */
export const limits = {
  /**
   * The largest frame. A larger one closes the socket.
   */
  frameBytes: 1048576,
} as const;

/** Why a model gave no usable answer, after all retries. */
export type ModelFailureCode = "model_timeout" | "model_rate_limited" | "model_refused" | "model_unavailable";

interface ModelFailureOptions extends ErrorOptions {
  /** The server rejected the form of the request (HTTP 400 or 422). */
  unsupported?: boolean;
  /** The request is longer than the model's context. */
  reason?: "context_overflow";
  /** One sentence for the operator: what to change. Without keys and content. */
  help?: string;
}

/** Thrown by chat models and by `ask.ts`. */
export class ModelFailure extends Error {
  readonly code: ModelFailureCode;
  readonly unsupported: boolean;
  readonly reason: "context_overflow" | undefined;
  readonly help: string | undefined;

  constructor(code: ModelFailureCode, message: string, options: ModelFailureOptions = {}) {
    super(message, options);
    this.name = "ModelFailure";
    this.code = code;
    this.unsupported = options.unsupported ?? false;
    this.reason = options.reason;
    this.help = options.help;
  }
}

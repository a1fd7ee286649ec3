/** Why a model gave no usable answer, after all retries. */
export type ModelFailureCode = "model_timeout" | "model_rate_limited" | "model_refused" | "model_unavailable";

/** Thrown by chat models and by `ask.ts`. `unsupported` is set if the server rejected the form of the request (HTTP 400 or 422). */
export class ModelFailure extends Error {
  readonly code: ModelFailureCode;
  readonly unsupported: boolean;

  constructor(code: ModelFailureCode, message: string, options: ErrorOptions & { unsupported?: boolean } = {}) {
    super(message, options);
    this.name = "ModelFailure";
    this.code = code;
    this.unsupported = options.unsupported ?? false;
  }
}

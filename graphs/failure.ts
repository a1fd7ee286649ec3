/** Why a model gave no usable answer, once its retries are used up. */
export type ModelFailureCode = "model_timeout" | "model_rate_limited" | "model_refused" | "model_unavailable";

/** Thrown by chat models and by `ask`. `unsupported` marks a request that the server does not understand (HTTP 400). */
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

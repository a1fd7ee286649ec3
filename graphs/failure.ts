/** Why a model gave no usable answer, after all retries. */
export type ModelFailureCode = "model_timeout" | "model_rate_limited" | "model_refused" | "model_unavailable";

interface ModelFailureOptions extends ErrorOptions {
  /** The server refused the request, perhaps because of its form, such as its response format. */
  unsupported?: boolean;
  /** It said that the form was the reason. */
  namesForm?: boolean;
  /** The request would have failed in any form, for example because the key is wrong. */
  inAnyForm?: boolean;
  /** The request is longer than the model's context, or has images and the model cannot see. */
  reason?: "context_overflow" | "images";
  /** The length of the model's context, if the server told it. */
  contextTokens?: number;
  /** One sentence for the operator: what to change. Without keys and content. */
  help?: string;
  diagnosis?: Diagnosis;
}

/** What an operator learns besides the `help`. Without keys. The server's words are for its operator alone. */
export interface Diagnosis {
  /** As it is configured. */
  model?: string;
  /** The address that was asked, without its query. */
  address?: string;
  status?: number;
  /** The server's own words, shortened and without secrets. */
  said?: string;
}

/** Thrown by chat models and by `ask.ts`. `message` has no words of the server, because traces get it. */
export class ModelFailure extends Error {
  readonly code: ModelFailureCode;
  readonly unsupported: boolean;
  readonly namesForm: boolean;
  readonly inAnyForm: boolean;
  /** A request in another form, or a plain one, might have been answered. */
  readonly mayBeForm: boolean;
  readonly reason: ModelFailureOptions["reason"];
  readonly contextTokens: number | undefined;
  /** Both are completed by whoever knows which server was asked. */
  help: string | undefined;
  diagnosis: Diagnosis;

  constructor(code: ModelFailureCode, message: string, options: ModelFailureOptions = {}) {
    super(message, options);
    this.name = "ModelFailure";
    this.code = code;
    this.unsupported = options.unsupported ?? false;
    this.namesForm = options.namesForm ?? false;
    this.inAnyForm = options.inAnyForm ?? false;
    const isUnavailable = code === "model_timeout" || code === "model_unavailable";
    this.mayBeForm = isUnavailable && !this.inAnyForm && options.reason === undefined;
    this.reason = options.reason;
    this.contextTokens = options.contextTokens;
    this.help = options.help;
    this.diagnosis = options.diagnosis ?? {};
  }

  /** Leaves it out of whatever is serialized: what the server said gets neither to clients nor into the store. */
  toJSON(): undefined {
    return undefined;
  }
}

/** A turn that has waited cannot go on: what asked is no longer in its graph. */
export class GraphChanged extends Error {
  constructor() {
    super("The graph of the engine was changed while the turn waited: the node that asked is gone.");
    this.name = "GraphChanged";
  }
}

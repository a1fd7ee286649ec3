import { HttpError } from "./http/http-error.ts";

/** Why a model server refused a request, whatever words it uses. */
export type Cause =
  | "redirect"
  | "refused"
  | "no_credit"
  | "wrong_key"
  | "context_overflow"
  | "rate_limited"
  | "unknown_model"
  | "wrong_path"
  /** The model did not manage to write what was asked for. It may the next time. */
  | "failed_generation"
  | "server_error"
  | "bad_request";

const contentFilter =
  /content[_ -]?(filter|policy|management)|responsible ?ai|data_inspection_failed|inappropriate content|flagged (as|for|by)|moderation/;

const noCredit =
  /insufficient[_ ](quota|balance|credits?|funds)|(credit|account) balance|billing_(hard_limit|not_active)|billing hard limit|payment required|(out of|not enough|no) credits?\b|spending limit|arrear/;

const wrongKey =
  /api[-_ ]?key[^.]{0,40}(invalid|not valid|incorrect|missing|expired)|(invalid|incorrect|missing|expired)[^.]{0,20}api[-_ ]?key/;

/** Words for a request that is too long, from the servers of OpenAI, Anthropic, Google, Mistral, Groq, xAI, vLLM, llama.cpp, Ollama and others. */
const overflow = new RegExp(
  [
    "context[_ ]?(length|window|size)[_ ]?(is |was )?exceed",
    "(exceed|exceeds|exceeded|exceeding|exceeding|greater than|longer than|larger than|beyond|over)\\b.{0,60}\\b(context|n_ctx)\\b",
    "exceed_context_size",
    "maximum (context|prompt|input) length",
    "max(imum)?_?(context|prompt|model|input|seq)\\w*_?len",
    "(prompt|input|request|message|messages|conversation|context) (is|are|was) too (long|large)",
    "(prompt|input|context) too (long|large)",
    "context (the )?overflow|context length of only",
    "(prompt|context|conversation) (does not|doesn't|cannot|won't) fit",
    "too (many|large a number of) (input |prompt )?tokens",
    "reduce (the|your) (length|message size|prompt|size|number of (tokens|messages))",
    "(input|prompt)( or output)? tokens? (count |length |limit )?.{0,40}(exceed|must be (reduced|<=|less))",
    "(input|prompt) length.{0,40}(exceed|should be|must be)",
    "range of input length",
    "(model )?token limit.{0,20}exceed|exceed\\w*.{0,20}token limit",
    "max_new_tokens.{0,20}must be",
    "model_context_window_exceeded|string_above_max_length|request_too_large",
    "too large for model with",
    "request too large",
  ].join("|"),
);

const unknownModel =
  /model_?(not_?found|not_?available|unavailable|does_?not_?exist)|(unknown|invalid|no such|missing)[_ ]model\b(?! (parameter|argument|setting))|deploymentnotfound|\bmodels?\b.{0,120}(not found|does ?n[o']t exist|not exist|do not have access|no access|not a valid model|is not available|no longer available|decommissioned|not loaded|not served)|not a valid model|no models? (is |are )?loaded|(unable|failed|could not) to (find|load) (the )?model|pulling it first/;

const wrongPath = /unexpected endpoint|unknown (request )?(url|path|endpoint|route)|invalid url|no route|unknown_url/;

const failedGeneration =
  /json_validate_failed|tool_use_failed|failed_generation|failed to (generate|call|parse)|(could not|unable to) (generate|parse)|output_parse/;

const isParameter = /parameter|argument|field|endpoints? found that/;

export function causeOf(error: HttpError): Cause {
  const { status, code, type, param } = error;
  const said = `${code ?? ""} ${type ?? ""} ${error.message}`.toLowerCase();
  if (status < 400) return "redirect";
  if (status === 402 || (status < 500 && noCredit.test(said))) return "no_credit";
  if (status < 500 && contentFilter.test(said)) return "refused";
  if (status === 401 || status === 403 || (status < 500 && wrongKey.test(said))) return "wrong_key";
  if (overflow.test(said) || (status === 413 && !/\bimage|file\b/.test(said))) return "context_overflow";
  if (status === 429) return "rate_limited";
  if (failedGeneration.test(said)) return "failed_generation";
  const isOfModel =
    param === "model" ||
    unknownModel.test(code?.toLowerCase() ?? "") ||
    (unknownModel.test(said) && !isParameter.test(said));
  if (status < 500 && isOfModel) return "unknown_model";
  if (status === 404 && isParameter.test(said)) return "bad_request";
  if (status === 404 || status === 405 || wrongPath.test(said)) return "wrong_path";
  return status >= 500 || status === 408 || status === 409 ? "server_error" : "bad_request";
}

/** The server has no chat completions at this address. */
export function isWrongPath(error: unknown): boolean {
  return error instanceof HttpError && causeOf(error) === "wrong_path";
}

import { ModelFailure } from "../../../graphs/failure.ts";
import { errorTextOf } from "../http/error-text.ts";
import { ConnectionFailure } from "../http/exchange.ts";
import { HttpError } from "../http/http-error.ts";

type Fields = Record<string, unknown>;

/** The status of errors that Anthropic tells within a reply. */
const statusOfType: Record<string, number> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

/** The same for errors that LangChain's packages have recognized. */
const statusOfLangChain: Record<string, number> = {
  CONTEXT_OVERFLOW: 400,
  INVALID_TOOL_RESULTS: 400,
  MODEL_AUTHENTICATION: 401,
  MODEL_NOT_FOUND: 404,
  MODEL_RATE_LIMIT: 429,
};

const connectionCodes = /^(?:E[A-Z_]{4,}|UND_ERR_[A-Z_]+)$/;

/**
 * An error of a provider's package in our terms. Packages have no common form for it. `isSent` tells whether a request was sent: what fails
 * before is refused by the package itself, such as a temperature that the model does not take.
 */
export function packageError(error: unknown, isSent: boolean): Error {
  if (error instanceof HttpError || error instanceof ConnectionFailure || error instanceof ModelFailure) return error;
  if (!(error instanceof Error)) return unusable(error);
  const fields = error as Error & Fields;
  const said = errorTextOf(fields.error ?? error.message);
  const message = said.message ?? errorTextOf(error.message).message;
  const status =
    statusIn(fields) ?? statusOfType[said.type ?? ""] ?? statusOfLangChain[String(fields.lc_error_code ?? "")];
  if (status !== undefined) return new HttpError(status, headersIn(fields), { ...said, message });
  if (isConnectionError(fields)) return new ConnectionFailure(error, false);
  return isSent ? unusable(error) : new HttpError(400, {}, { ...said, message });
}

function unusable(cause: unknown): ModelFailure {
  return new ModelFailure("model_unavailable", "The provider's package could not read the reply.", { cause });
}

/** SDKs of OpenAI, Anthropic and Groq; Mistral and Cohere; Ollama; AWS; Google. */
function statusIn(error: Fields): number | undefined {
  const { status, statusCode, status_code, code } = error;
  const { httpStatusCode } = fieldsOf(error.$metadata);
  const response = fieldsOf(error.response).status;
  return [status, statusCode, status_code, httpStatusCode, response, code]
    .map(Number)
    .find((one) => one >= 400 && one < 600);
}

function headersIn(error: Fields): Record<string, string> {
  const { headers = fieldsOf(error.response).headers ?? fieldsOf(error.rawResponse).headers } = error;
  if (headers instanceof Headers) return Object.fromEntries(headers);
  const own = Object.entries(fieldsOf(headers)).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value]));
}

function isConnectionError(error: Fields): boolean {
  for (let one: Fields | undefined = error, depth = 0; one && depth < 5; depth += 1) {
    if (typeof one.code === "string" && connectionCodes.test(one.code)) return true;
    if (one.message === "fetch failed" || one.message === "terminated") return true;
    one = one.cause instanceof Error ? (one.cause as Error & Fields) : undefined;
  }
  return false;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

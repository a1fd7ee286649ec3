import { causeOf } from "./causes.ts";
import type { Place } from "./http/endpoint.ts";
import type { ConnectionFailure } from "./http/exchange.ts";
import type { HttpError } from "./http/http-error.ts";

/** The names of the settings for the server that was asked. */
export interface SettingNames {
  key: string;
  address: string;
  /** What the address usually looks like. */
  hint?: string;
}

const own: SettingNames = { key: "OPENAI_API_KEY", address: "OPENAI_BASE_URL", hint: ", which usually ends in /v1" };

/** One sentence for the operator: what to change. Without keys and content. */
export function httpHelp(
  error: HttpError,
  model: string | undefined,
  { key, address, hint = "" }: SettingNames = own,
): string | undefined {
  switch (causeOf(error)) {
    case "redirect":
      return `The server redirects${to(error.headers.location)}: set ${address} to the address where its API is.`;
    case "wrong_key":
      return `The server does not accept the key: check ${key}, and what the key may do.`;
    case "no_credit":
      return "The account has no credit left: top it up, or use the key of another one.";
    case "rate_limited":
      return "The server limits how much is asked: wait, raise the limit there, or lower MAX_RUNNING_TURNS.";
    case "unknown_model":
      return `The server does not know the model${model ? ` ${model}` : ""}: check MODEL, MODELS and FALLBACK_MODELS, or load it there first.`;
    case "wrong_path":
      return `Nothing answers at this path: check ${address}${hint}.`;
    case "context_overflow":
      return "The request is longer than the model's context: set MODEL_CONTEXT_TOKENS, or load the model with a longer one.";
    case "server_error":
      return "The model server failed: look at its own log.";
    case "bad_request":
      return "The server does not take the request: if another client works with it, please report what it says.";
    default:
      return undefined;
  }
}

export const silenceHelp = "If the model thinks for long before it answers, raise MODEL_TIMEOUT_MS.";

/** Codes of Node and OpenSSL. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME/;

const noTls = /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/;

/** A retry is pointless: the certificate or the protocol is not what was expected. */
export function isTlsFailure(error: ConnectionFailure): boolean {
  const code = codeOf(error);
  return certificate.test(code) || noTls.test(code);
}

/** The same for a server that was not reached. `endpoint` is undefined if only a provider's package knows the address. */
export function connectionHelp(
  error: ConnectionFailure,
  endpoint: Place | undefined,
  { address }: SettingNames = own,
): string | undefined {
  const code = codeOf(error);
  const host = endpoint ? new URL(endpoint.origin).host : "its host";
  if (certificate.test(code)) {
    return `The certificate of ${host} is not trusted (${code}): set NODE_EXTRA_CA_CERTS to the file of its issuer's certificate.`;
  }
  if (noTls.test(code)) return `${host} does not speak TLS: try http:// in ${address}.`;
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return `The name of ${host} cannot be resolved: check ${address}, and the network.`;
  }
  if (code === "ECONNREFUSED") return `Nothing listens at ${host}: start the model server, or check ${address}.`;
  if (/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN)$|TIMEOUT/.test(code)) {
    return `${host} cannot be reached (${code}): check ${address}, the network and HTTPS_PROXY.`;
  }
  return `The connection to ${host} broke${code ? ` (${code})` : ""}: look at the log of the model server, or of a proxy before it.`;
}

/** The code of the innermost error that has one. */
function codeOf(error: Error): string {
  let code = "";
  for (let one: unknown = error, depth = 0; one instanceof Error && depth < 6; depth += 1) {
    if ("code" in one && typeof one.code === "string") code = one.code;
    const [first] = one instanceof AggregateError ? one.errors : [];
    one = first ?? one.cause;
  }
  return code;
}

/** Without its query, which may have a key. */
function to(location: string | undefined): string {
  if (!location) return "";
  return URL.canParse(location)
    ? ` to ${new URL(location).origin}${new URL(location).pathname}`
    : ` to ${location.split(/[?#]/, 1)[0]}`;
}

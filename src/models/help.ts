import type { ModelFailureCode } from "../../graphs/failure.ts";
import { causeOf } from "./causes.ts";
import type { Place } from "./http/endpoint.ts";
import type { ConnectionFailure } from "./http/exchange.ts";
import type { HttpError } from "./http/http-error.ts";
import { withoutSecrets } from "./http/secrets.ts";

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
  const cause = causeOf(error);
  if (error.type === "html_page" && (cause === "wrong_key" || cause === "server_error")) {
    return `A web page answers, so a proxy or a firewall before the model server does: look at its log, and check ${address}.`;
  }
  switch (cause) {
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
      return "Even without earlier turns, the request is longer than the model's context: load the model with a longer one and set MODEL_CONTEXT_TOKENS, or ask another model.";
    case "server_error":
      return "The model server failed: look at its own log.";
    case "bad_request":
      return "The server does not take the request: if another client works with it, please report what it says.";
    default:
      return undefined;
  }
}

/** The same for a reply that is of no use. */
export function replyHelp(code: ModelFailureCode, { address, hint = "" }: SettingNames = own): string | undefined {
  if (code === "model_timeout") return "If the model thinks for long before it answers, raise MODEL_TIMEOUT_MS.";
  if (code !== "model_unavailable") return undefined;
  return `The reply is not that of a working model server: check ${address}${hint}, and look at the log of the server, or of a proxy before it.`;
}

/** Codes of Node and OpenSSL. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|ALTNAME/;

const noTls = /WRONG_VERSION_NUMBER|EPROTO|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/;

/** undici's words: there is no code for it. */
const proxyRefusal = /^Proxy response \(\d+\)/;

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
  if (code === "CERT_HAS_EXPIRED") return `The certificate of ${host} has expired (${code}): renew it there.`;
  if (code === "CERT_NOT_YET_VALID") {
    return `The certificate of ${host} is not valid yet (${code}): check the clocks of both machines.`;
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `The certificate is not for ${host} (${code}): set ${address} to the name that the certificate is for.`;
  }
  if (chain(error).some(({ message }) => proxyRefusal.test(message))) {
    return `The proxy refuses to connect to ${host}: check HTTPS_PROXY and its login, or name the host in NO_PROXY.`;
  }
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
  const codes = chain(error).map((one) => ("code" in one && typeof one.code === "string" ? one.code : ""));
  return codes.findLast((code) => code !== "") ?? "";
}

/** The error and its causes. */
function chain(error: Error): Error[] {
  const all: Error[] = [];
  for (let one: unknown = error; one instanceof Error && all.length < 6; ) {
    all.push(one);
    const [first] = one instanceof AggregateError ? one.errors : [];
    one = first ?? one.cause;
  }
  return all;
}

/** Without its query, which may have a key. */
function to(location: string | undefined): string {
  if (!location) return "";
  const target = URL.canParse(location)
    ? new URL(location).origin + new URL(location).pathname
    : location.split(/[?#]/, 1)[0];
  return ` to ${withoutSecrets(target ?? "")}`;
}

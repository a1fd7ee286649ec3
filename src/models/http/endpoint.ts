import type { Dispatcher } from "undici";

import { connections } from "./connections.ts";

/** Where requests go. */
export interface Place {
  origin: string;
  /** Includes the query of the base URL. */
  path: string;
}

/** The chat completions endpoint of a model server, with its headers and connections. */
export interface Endpoint extends Place {
  headers: Record<string, string>;
  dispatcher: Dispatcher;
}

export interface EndpointSettings {
  apiKey: string;
  baseURL?: string;
  /** For OpenAI: which organization and project are billed. */
  organization?: string;
  project?: string;
}

const completions = "/chat/completions";

const openAI = "https://api.openai.com/v1";

export function endpoint({ apiKey, baseURL = openAI, organization, project }: EndpointSettings): Endpoint {
  const { origin, pathname, search } = new URL(baseURL);
  return {
    origin,
    path: `${pathname.replace(/(\/chat\/completions)?\/*$/, "")}${completions}${search}`,
    headers: {
      authorization: `Bearer ${apiKey}`,
      "content-type": "application/json",
      accept: "application/json",
      "user-agent": "conversation-channel",
      ...(organization && { "openai-organization": organization }),
      ...(project && { "openai-project": project }),
    },
    dispatcher: connections(),
  };
}

/** With the `/v1` that a base URL often lacks; undefined if it has a version. */
export function withVersion(endpoint: Endpoint): Endpoint | undefined {
  const [path = "", query] = endpoint.path.split(/(?=\?)/);
  if (/\/v\d/.test(path)) return undefined;
  const base = path.slice(0, -completions.length);
  return { ...endpoint, path: `${base}/v1${completions}${query ?? ""}` };
}

/** The target of a redirect. As in browsers, another origin does not get the key; the same host with TLS does. */
export function redirected(from: Endpoint, location: string): Endpoint {
  const target = new URL(location, from.origin + from.path);
  const path = target.pathname + target.search;
  if (isTrusted(target, new URL(from.origin))) return { ...from, origin: target.origin, path };
  const { authorization, "openai-organization": _organization, "openai-project": _project, ...headers } = from.headers;
  return { ...from, origin: target.origin, path, headers };
}

function isTrusted(target: URL, from: URL): boolean {
  const isUpgrade = from.protocol === "http:" && target.protocol === "https:" && !from.port && !target.port;
  return target.origin === from.origin || (isUpgrade && target.hostname === from.hostname);
}

/** What must never be logged or shown, even if the server quotes it. */
export function secretsOf({ headers }: Endpoint): string[] {
  return [headers.authorization?.replace("Bearer ", "")].filter((secret) => secret !== undefined);
}

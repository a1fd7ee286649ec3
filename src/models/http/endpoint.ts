import type { Dispatcher } from "undici";

import { connections } from "./connections.ts";

/** The chat completions endpoint of a model server, with its headers and connections. */
export interface Endpoint {
  origin: string;
  /** Includes the query of the base URL. */
  path: string;
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

const openAI = "https://api.openai.com/v1";

export function endpoint({ apiKey, baseURL = openAI, organization, project }: EndpointSettings): Endpoint {
  const { origin, pathname, search } = new URL(baseURL);
  return {
    origin,
    path: `${pathname.replace(/\/+$/, "")}/chat/completions${search}`,
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

/** The target of a redirect. As in browsers, another origin does not get the key. */
export function redirected(from: Endpoint, location: string): Endpoint {
  const { origin, pathname, search } = new URL(location, from.origin + from.path);
  const path = pathname + search;
  if (origin === from.origin) return { ...from, path };
  const { authorization, "openai-organization": _organization, "openai-project": _project, ...headers } = from.headers;
  return { ...from, origin, path, headers };
}

/** What must never be logged or shown, even if the server quotes it. */
export function secretsOf({ headers }: Endpoint): string[] {
  return [headers.authorization?.replace("Bearer ", "")].filter((secret) => secret !== undefined);
}

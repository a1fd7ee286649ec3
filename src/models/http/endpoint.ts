import type { Dispatcher } from "undici";

import { connections } from "./connections.ts";

/** A model server: where it takes chat completions, what every request to it carries, and the connections to it. */
export interface Endpoint {
  origin: string;
  /** With the query that the base URL has. */
  path: string;
  headers: Record<string, string>;
  dispatcher: Dispatcher;
}

export interface EndpointSettings {
  apiKey: string;
  baseURL?: string;
  /** OpenAI's own: whom the request is counted for. */
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

/** Where a redirect leads. As in browsers, another origin does not get the key. */
export function movedTo(from: Endpoint, location: string): Endpoint {
  const { origin, pathname, search } = new URL(location, from.origin + from.path);
  const path = pathname + search;
  if (origin === from.origin) return { ...from, path };
  const { authorization, "openai-organization": _organization, "openai-project": _project, ...headers } = from.headers;
  return { ...from, origin, path, headers };
}

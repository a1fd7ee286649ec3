import { request } from "undici";
import { z } from "zod";

import { type Endpoint, endpoint, withVersion } from "./endpoint.ts";

/** As OpenAI and all compatible servers list them. */
const List = z.object({ data: z.array(z.object({ id: z.string().min(1).max(200) })) });

/** More than any server has that a person chooses from. */
const maxModels = 500;
const maxBytes = 1_048_576;

/** The names of the models that a server offers, in its order. Empty if it does not tell. Rejects only if the signal aborts. */
export async function offeredModels(apiKey: string | undefined, baseURL: string | undefined, signal: AbortSignal) {
  const asked = endpoint({ apiKey: apiKey ?? "none", baseURL });
  try {
    const found = await listed(asked, signal);
    const versioned = found ? undefined : withVersion(asked);
    return found ?? (versioned && (await listed(versioned, signal))) ?? [];
  } finally {
    void asked.dispatcher.destroy();
  }
}

async function listed(
  { origin, path, headers, dispatcher }: Endpoint,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  try {
    const url = origin + path.replace("/chat/completions", "/models");
    const { statusCode, body } = await request(url, { headers, dispatcher, signal });
    const text = await read(body);
    if (statusCode !== 200 || text === undefined) return undefined;
    const { data } = List.parse(JSON.parse(text));
    return [...new Set(data.map(({ id }) => id))].slice(0, maxModels);
  } catch {
    signal.throwIfAborted();
    return undefined; // what is wrong with the server is for the checks to say
  }
}

/** Undefined if it is too long. */
async function read(body: AsyncIterable<Buffer>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

import type { StoredMessage } from "@langchain/core/messages";

import type { JsonObject } from "../../graphs/host.ts";
import type { Produced } from "../store/turns.ts";

/** In bytes of UTF-8, as JSON: the messages of a turn, and what else its graph wants kept. */
const maxKeptBytes = 1_048_576;

const maxCustomBytes = 65_536;

/** What a turn leaves to later ones, as it is stored. A part that is too long is left out. Throws if something is no JSON. */
export function leftovers(
  messages: readonly StoredMessage[],
  kept: JsonObject | undefined,
  leftOut: (part: keyof Produced) => void,
): Produced {
  const parts = { messages: messages.length > 0 ? messages : undefined, kept };
  const produced: Produced = {};
  for (const part of ["messages", "kept"] as const) {
    const json = parts[part] && JSON.stringify(parts[part]);
    if (json === undefined) continue;
    if (Buffer.byteLength(json) <= maxKeptBytes) produced[part] = json;
    else leftOut(part);
  }
  return produced;
}

/** What a graph wrote, as JSON; undefined if it is none, or too long for an event. */
export function customJson(data: unknown): string | undefined {
  try {
    const json = JSON.stringify(data) ?? "null";
    return Buffer.byteLength(json) <= maxCustomBytes ? json : undefined;
  } catch {
    return undefined;
  }
}

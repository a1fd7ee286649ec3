import { randomBytes } from "node:crypto";

import { z } from "zod";

import type { Client } from "../connection.ts";

/** What is longer does not go through a channel: Redis cuts off a subscriber that has much waiting. */
const inlineUnits = 65_536;

/** As long as somebody may wait for it. */
const keptSeconds = 30;

/** JSON on its way to another node: as it is, or under a key. */
export const packed = z.union([z.object({ json: z.string() }), z.object({ key: z.string() })]);
export type Packed = z.infer<typeof packed>;

export interface Parcels {
  /** Rejects if there is no connection. */
  pack(value: unknown): Promise<Packed>;
  /** Rejects if there is no connection, or if the parcel is gone. */
  unpack(parcel: Packed): Promise<unknown>;
}

/** Keys that are read once, and expire otherwise. */
export interface Shelf {
  put(key: string, text: string, seconds: number): Promise<void>;
  take(key: string): Promise<string | null>;
}

export function parcels(shelf: Shelf): Parcels {
  return {
    async pack(value) {
      const json = JSON.stringify(value);
      if (json.length <= inlineUnits) return { json };
      const key = `conversations:parcel:${randomBytes(18).toString("base64url")}`;
      await shelf.put(key, json, keptSeconds);
      return { key };
    },
    async unpack(parcel) {
      const json = "json" in parcel ? parcel.json : await shelf.take(parcel.key);
      if (json === null) throw new Error("A parcel between nodes is gone.");
      return JSON.parse(json);
    },
  };
}

export function redisShelf(client: Client): Shelf {
  return {
    async put(key, text, seconds) {
      await client.set(key, text, { expiration: { type: "EX", value: seconds } });
    },
    async take(key) {
      const [text] = await client.multi().get(key).del(key).execTyped();
      return text;
    },
  };
}

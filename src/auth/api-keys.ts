import { createHash, timingSafeEqual } from "node:crypto";

import type { Principal } from "./principal.ts";

export interface KnownKey {
  hash: Buffer;
  principal: Principal;
}

/** `key=user_id` or `key=*`. The key may contain all characters of base64 and of URLs; user IDs contain no `=`, so the last one separates. */
const entry = /^([A-Za-z0-9._~+/=-]+)=(\*|[^,=\s]{1,128})$/;

export const entryExpected =
  "expected key=user_id or key=*; a key may have letters, digits and . _ ~ + / = - (as from openssl rand -base64 32)";

/** Undefined if the text is no entry. */
export function keyOf(text: string): string | undefined {
  return entry.exec(text)?.[1];
}

/** The keys with more rights than others. */
export interface SpecialKeys {
  /** The key that the server printed at its start. */
  operator?: string;
  /** The keys that may save prompts. */
  editors: readonly string[];
}

/** Hashes the keys of entries. Ignores text that is no entry. */
export function knownKeys(entries: readonly string[], { operator, editors }: SpecialKeys): KnownKey[] {
  return entries.flatMap((text) => {
    const [, key, user = ""] = entry.exec(text) ?? [];
    if (key === undefined) return [];
    const hash = sha256(key);
    const mayNameUser = user === "*"; // a back end that names the user when it joins
    const userId = mayNameUser ? `key-${hash.toString("hex").slice(0, 8)}` : user;
    const rights = { mayNameUser, isOperator: key === operator, mayEditPrompts: editors.includes(key) };
    return [{ hash, principal: { userId, ...rights } }];
  });
}

/** Finds a key by its hash, in constant time. */
export function findKey(known: readonly KnownKey[], hash: Buffer): KnownKey | undefined {
  let found: KnownKey | undefined;
  for (const candidate of known) {
    if (timingSafeEqual(candidate.hash, hash)) found = candidate;
  }
  return found;
}

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

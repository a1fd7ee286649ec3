import { createHash, timingSafeEqual } from "node:crypto";

import type { Principal } from "./principal.ts";

interface KnownKey {
  hash: Buffer;
  principal: Principal;
}

/** Looks up the user of an API key. Keys are stored as hashes and compared in constant time. */
export function apiKeys(entries: readonly string[]): (key: string) => Principal | undefined {
  const known = entries.map(knownKey);
  return (key) => {
    const hash = sha256(key);
    let found: Principal | undefined;
    for (const candidate of known) {
      if (timingSafeEqual(candidate.hash, hash)) found = candidate.principal;
    }
    return found;
  };
}

/** An entry is `key=user_id`, or `key=*` for a back end that names the user when it joins. */
function knownKey(entry: string): KnownKey {
  const at = entry.indexOf("=");
  const hash = sha256(entry.slice(0, at));
  const user = entry.slice(at + 1);
  const mayNameUser = user === "*";
  return { hash, principal: { mayNameUser, userId: mayNameUser ? `key-${hash.toString("hex").slice(0, 8)}` : user } };
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

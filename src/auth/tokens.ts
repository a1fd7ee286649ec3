import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";

import type { Principal } from "./principal.ts";

export interface TokenSettings {
  /** For HS256. */
  secret?: string;
  /** For RS256 and ES256. */
  jwksUrl?: string;
}

/** Finds the user of a JWT: its `sub`. A token that is wrong, over, or of nobody has none. */
export function tokens({ secret, jwksUrl }: TokenSettings): (token: string) => Promise<Principal | undefined> {
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const keys = jwksUrl === undefined ? undefined : createRemoteJWKSet(new URL(jwksUrl));
  return async (token) => {
    const payload =
      (key && (await verified(jwtVerify(token, key, { algorithms: ["HS256"] })))) ??
      (keys && (await verified(jwtVerify(token, keys, { algorithms: ["RS256", "ES256"] }))));
    if (!payload?.sub || payload.sub.length > 128) return undefined;
    return {
      userId: payload.sub,
      mayNameUser: false,
      until: payload.exp === undefined ? undefined : payload.exp * 1000,
    };
  };
}

async function verified(verifying: Promise<{ payload: JWTPayload }>): Promise<JWTPayload | undefined> {
  try {
    return (await verifying).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

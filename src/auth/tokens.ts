import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";

import type { Principal } from "./principal.ts";

/** A `sub` that can be a user: jose checks its presence, not its type. */
const Subject = z.string().min(1).max(128);

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
    const subject = Subject.safeParse(payload?.sub);
    if (!payload || !subject.success) return undefined;
    return {
      userId: subject.data,
      mayNameUser: false,
      until: payload.exp === undefined ? undefined : payload.exp * 1000,
    };
  };
}

/** The token's own faults. Everything else is ours, or the key server's, and no reason to call the token wrong. */
const wrongToken = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

async function verified(verifying: Promise<{ payload: JWTPayload }>): Promise<JWTPayload | undefined> {
  try {
    return (await verifying).payload;
  } catch (error) {
    if (wrongToken.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

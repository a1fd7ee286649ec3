import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from "jose";
import { z } from "zod";

import type { Principal } from "./principal.ts";

/** A valid user ID. jose checks that `sub` is present, but not its type. */
const Subject = z.string().min(1).max(128);

export interface TokenSettings {
  /** The shared secret for HS256. */
  secret?: string;
  /** The URL of the public keys for RS256 and ES256. */
  jwksUrl?: string;
}

/**
 * Verifies a JWT and returns its user (`sub`). Resolves to undefined if the token is invalid, expired or has no `sub`.
 * Rejects if the key server cannot be reached.
 */
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

/** Errors that mean that the token is invalid. Any other error is ours or the key server's. */
const invalidToken = [
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
    if (invalidToken.some((kind) => error instanceof kind)) return undefined;
    throw error;
  }
}

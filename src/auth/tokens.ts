import { createRemoteJWKSet, customFetch, decodeProtectedHeader, type JWTPayload, jwtVerify } from "jose";
import { EnvHttpProxyAgent, fetch } from "undici";
import { z } from "zod";

import type { Principal } from "./principal.ts";
import { problemOf } from "./token-problems.ts";

/** The user: jose checks that `sub` is there, but not its type. Numbers, such as the keys of a database, count as their decimal text. Postgres stores no NUL. */
const Subject = z.union([
  z
    .string()
    .min(1)
    .max(128)
    .refine((sub) => !sub.includes("\0")),
  z.int().transform(String),
]);

/** How far the clocks of this machine and of the token's issuer may differ, in s. */
const clockToleranceS = 10;

/** In s: the year 5138. In milliseconds it is long past, so a larger one is a mistake that would never expire. */
const latestExp = 1e11;

export interface TokenSettings {
  /** The shared secret for HS256. */
  secret?: string;
  /** The URL of the public keys for RS256 and ES256. */
  jwksUrl?: string;
  /** The accepted audiences and issuers; undefined accepts all. */
  audience?: string[];
  issuer?: string[];
}

/** A valid token's user, and when it expires in ms since the epoch; or what is wrong with the token, without any part of it. */
export type TokenVerdict = { principal: Principal; until: number } | { problem: string };

/** Verifies JWTs. Rejects if the key server cannot be reached. */
export function tokens({ secret, jwksUrl, audience, issuer }: TokenSettings): (token: string) => Promise<TokenVerdict> {
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret);
  const keys = jwksUrl === undefined ? undefined : remoteKeys(jwksUrl);
  const checks = { requiredClaims: ["exp"], audience, issuer, clockTolerance: clockToleranceS };

  async function payloadOf(token: string, algorithm: string): Promise<JWTPayload> {
    const options = { ...checks, algorithms: [algorithm] };
    if (algorithm === "HS256" && key) return (await jwtVerify(token, key, options)).payload;
    if (algorithm !== "HS256" && keys) return (await jwtVerify(token, keys, options)).payload;
    throw new UnusableToken(`it is signed with ${algorithm}, and ${neededFor(algorithm)} is not set`);
  }

  return async (token) => {
    if (!key && !keys) return { problem: "neither AUTH_JWT_SECRET nor AUTH_JWKS_URL is set" };
    try {
      const { sub, exp = 0 } = await payloadOf(token, algorithmOf(token));
      if (exp > latestExp) return { problem: "its exp is in milliseconds: JWTs count seconds" };
      const subject = Subject.safeParse(sub);
      if (!subject.success)
        return { problem: "its sub is missing, or no text of 1 to 128 characters and no whole number" };
      return { principal: { userId: subject.data, mayNameUser: false }, until: (exp + clockToleranceS) * 1000 };
    } catch (error) {
      if (error instanceof UnusableToken) return { problem: error.message };
      const problem = problemOf(error, issuer);
      if (problem === undefined) throw error;
      return { problem };
    }
  };
}

/** Asked for through the proxies of the environment, like the model servers. */
function remoteKeys(url: string) {
  const dispatcher = new EnvHttpProxyAgent();
  return createRemoteJWKSet(new URL(url), {
    [customFetch]: (address, { headers, method, redirect, signal }) =>
      fetch(address, {
        headers: [...headers],
        method,
        redirect,
        signal,
        dispatcher,
      }) as Promise<unknown> as Promise<Response>, // as undici and Node declare it
  });
}

/** The token is refused before its signature is looked at. */
class UnusableToken extends Error {}

function algorithmOf(token: string): string {
  const alg = headerOf(token)?.alg;
  if (alg === undefined) throw new UnusableToken("it is not a valid JWT");
  if (alg === "HS256" || alg === "RS256" || alg === "ES256") return alg;
  throw new UnusableToken("it is not signed with HS256, RS256 or ES256");
}

function headerOf(token: string) {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return undefined;
  }
}

function neededFor(algorithm: string): string {
  return algorithm === "HS256" ? "AUTH_JWT_SECRET" : "AUTH_JWKS_URL";
}

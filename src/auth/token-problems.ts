import { errors } from "jose";

/** What is wrong with a token, for the log. Undefined if the error is ours or the key server's. Never quotes the token. */
export function problemOf(error: unknown, issuers: readonly string[] = []): string | undefined {
  if (error instanceof errors.JWTExpired) return expired(error.payload.exp);
  if (error instanceof errors.JWTClaimValidationFailed) return claimProblem(error, issuers);
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature does not match the key";
  if (error instanceof errors.JWKSNoMatchingKey) return "AUTH_JWKS_URL has no key with its kid";
  if (error instanceof errors.JWKSMultipleMatchingKeys) return "it has no kid, and AUTH_JWKS_URL has several keys";
  return malformed.some((kind) => error instanceof kind) ? "it is not a valid JWT" : undefined;
}

const malformed = [errors.JWTInvalid, errors.JWSInvalid, errors.JOSEAlgNotAllowed, errors.JOSENotSupported];

function expired(exp: number | undefined): string {
  return exp === undefined ? "it has expired" : `it expired ${secondsSince(exp)} s ago (exp)`;
}

function claimProblem({ claim, reason, payload }: errors.JWTClaimValidationFailed, issuers: readonly string[]): string {
  if (claim === "aud") return "its aud is not AUTH_JWT_AUDIENCE";
  if (claim === "iss" && issuers.map(withoutSlash).includes(withoutSlash(String(payload.iss))))
    return "its iss differs from AUTH_JWT_ISSUER by the slash at the end";
  if (claim === "iss") return "its iss is not AUTH_JWT_ISSUER";
  if (claim === "nbf" && payload.nbf !== undefined && reason === "check_failed")
    return `it is not valid before ${-secondsSince(payload.nbf)} s from now (nbf)`;
  return reason === "missing" ? `it has no ${claim}` : `its ${claim} is not valid`;
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}

function secondsSince(time: number): number {
  return Math.round(Date.now() / 1000 - time);
}

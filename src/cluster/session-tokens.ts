import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";

/** Longer than any token. */
const maxTokenUnits = 256;

export interface TokenOrigin {
  node: string;
  /** Tells the users of that node apart, without naming them. */
  user: string;
}

/** Tokens that name the node that made them. Only that node can: it signs them, and the others know the key to check it with. */
export function sessionTokens() {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const userKey = randomBytes(32);

  return {
    /** For the other nodes: what they need for `originOf`. */
    card: publicKey.export({ type: "spki", format: "der" }).toString("base64url"),
    tokenOf(node: string, userId: string | undefined): string {
      const user = createHmac("sha256", userKey)
        .update(userId ?? randomBytes(16))
        .digest();
      const named = [node, user.subarray(0, 12).toString("base64url"), randomBytes(24).toString("base64url")].join(".");
      return `${named}.${sign(null, Buffer.from(named), privateKey).toString("base64url")}`;
    },
  };
}

/** Undefined for a token that no node made. `cardOf` knows the nodes that are alive. */
export function originOf(token: string, cardOf: (node: string) => string | undefined): TokenOrigin | undefined {
  if (token.length > maxTokenUnits) return undefined;
  const [node = "", user = "", random = "", signature = "", ...rest] = token.split(".");
  const card = cardOf(node);
  if (card === undefined || rest.length > 0) return undefined;
  const signed = Buffer.from(`${node}.${user}.${random}`);
  return isSigned(signed, Buffer.from(signature, "base64url"), card) ? { node, user } : undefined;
}

function isSigned(signed: Buffer, signature: Buffer, card: string): boolean {
  try {
    const key = createPublicKey({ key: Buffer.from(card, "base64url"), type: "spki", format: "der" });
    return verify(null, signed, key, signature);
  } catch {
    return false; // a node of another version has no such card
  }
}

import { createHash } from "node:crypto";

/** A statement that each connection prepares once. Equal names mean equal texts, also in other versions of the program. */
export interface Statement {
  name: string;
  text: string;
}

export function sql(text: string): Statement {
  return { name: createHash("sha256").update(text).digest("hex").slice(0, 24), text };
}

import { join } from "node:path";

import { command } from "./command.ts";

/** The host of the examples in `deploy/`. */
export const publicHost = "chat.example.com";

export interface Certificate {
  certificate: string;
  key: string;
}

/** A certificate for `publicHost` that it signed itself. */
export async function selfSigned(folder: string): Promise<Certificate> {
  const made = { certificate: join(folder, "certificate.pem"), key: join(folder, "key.pem") };
  const about = ["-days", "2", "-subj", `/CN=${publicHost}`, "-addext", `subjectAltName=DNS:${publicHost}`];
  const files = ["-keyout", made.key, "-out", made.certificate];
  await command("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...about]);
  return made;
}

import fc from "fast-check";
import { expect } from "vitest";

import { type Anything, anything } from "./any-bytes.ts";
import type { filesServer } from "./support.ts";

const refusals: Record<number, readonly string[]> = {
  400: ["invalid_payload"],
  413: ["content_too_long"],
  415: ["unsupported_type"],
};

/** Whatever is uploaded is kept as it is, or refused by a reason, and the server goes on. */
export async function holdsForAnything(
  server: Awaited<ReturnType<typeof filesServer>>,
  { pdfs, runs }: { pdfs: number; runs: number },
): Promise<void> {
  async function check(upload: Anything, user: string): Promise<void> {
    const options = { key: "key-any", headers: { "x-user-id": user } };
    const multipart = { ...options.headers, "content-type": "multipart/form-data; boundary=x" };
    const response =
      upload.type === "file"
        ? await server.upload(upload.bytes, { ...options, name: upload.name })
        : await server.post(upload.bytes, { ...options, headers: multipart });
    const answer = (await response.json()) as { reason: string; file_id: string; size: number };
    if (response.status !== 201) {
      expect(refusals[response.status]).toContain(answer.reason);
      return;
    }
    const file = await server.get(answer.file_id, options);
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(bytes.length).toBe(answer.size);
    if (upload.type === "file") expect(bytes.equals(Buffer.from(upload.bytes))).toBe(true);
    expect(file.headers.get("content-type")).toMatch(/^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf|text\/plain)/);
    expect(file.headers.get("content-disposition")).toMatch(/^attachment/);
  }

  let users = 0;
  await fc.assert(
    fc.asyncProperty(anything(pdfs), async (upload) => {
      users += 1;
      await check(upload, `user-${users}`);
    }),
    { numRuns: runs },
  );
  expect((await fetch(`${server.http}/healthz`)).status).toBe(200);
}

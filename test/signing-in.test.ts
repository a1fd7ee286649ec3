import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { LongPoll } from "phoenix";
import { expect, it, onTestFinished } from "vitest";

import { start } from "./support/start.ts";

const secret = "a secret of this test, with at least 32 bytes";

/** The back end of docs/signing-in.md, word for word. */
async function backEnd(): Promise<{ tokenFor(userId: string): Promise<string> }> {
  const [, code = ""] = /```js\n(import .*?)```/s.exec(readFileSync("docs/signing-in.md", "utf8")) ?? [];
  expect(code.trim().split("\n").length).toBeLessThanOrEqual(10);
  const folder = mkdtempSync(join(tmpdir(), "back-end-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "tokens.mjs"), code);
  process.env.AUTH_JWT_SECRET = secret;
  onTestFinished(() => {
    delete process.env.AUTH_JWT_SECRET;
  });
  return await import(pathToFileURL(join(folder, "tokens.mjs")).href);
}

it("the ten lines of docs/signing-in.md sign a user in: as token, and as authToken over both transports", async () => {
  await using server = await start({ AUTH_JWT_SECRET: secret, AUTH_JWT_AUDIENCE: "chat" });
  const { tokenFor } = await backEnd();
  const token = await tokenFor("alice");
  const socketOptions = { transport: LongPoll as never }; // the types allow only a WebSocket
  for (const [at, options] of [{ token }, { authToken: token }, { authToken: token, socketOptions }].entries()) {
    await using client = await server.connect(options);
    const { joins } = await client.join(`signed-in-${at}`);
    expect(joins[0]).toMatchObject({ user_id: "alice" });
  }
  await expect(server.connect({ token: `${token}x` })).rejects.toMatchObject({ status: 403 });
});

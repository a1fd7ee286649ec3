import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LongPoll } from "phoenix";
import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { rawClient } from "../support/raw-client.ts";
import { start } from "../support/start.ts";
import { loggingServer, statusOf } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "key-file-"));
const file = join(folder, "keys");
const written = "\uFEFF# Our customers\r\nkey-alice=alice\r\n\r\n  q83v+/3cs===bob  \r\n";
writeFileSync(file, written);
const server = await loggingServer({ API_KEYS: "key-a=user-a", API_KEYS_FILE: file }, folder);
afterAll(server.close);
beforeEach(() => writeFileSync(file, written));

const status = (apiKey: string) => statusOf(server.url, { apiKey });

describe("API_KEYS_FILE", () => {
  it("has one key a line, beside those of API_KEYS; a key may come from openssl rand -base64", async () => {
    expect(await Promise.all(["key-alice", "q83v+/3cs==", "key-a", "key-carol"].map(status))).toEqual([
      101, 101, 101, 403,
    ]);
    await using client = await connect(server.url, { authToken: "q83v+/3cs==" });
    expect((await client.join(crypto.randomUUID())).joins[0]?.user_id).toBe("bob");
  });

  it("that changes counts at once: a new key is accepted, and one that is gone is refused", async () => {
    writeFileSync(file, "key-carol=carol\n");
    expect(await Promise.all(["key-carol", "key-alice", "key-a"].map(status))).toEqual([101, 403, 101]);
  });

  it("may be replaced by another file", async () => {
    writeFileSync(`${file}.new`, "key-dora=dora\n");
    renameSync(`${file}.new`, file);
    expect(await Promise.all(["key-dora", "key-alice"].map(status))).toEqual([101, 403]);
  });

  it("may be a secret of Kubernetes, where a folder's link is replaced", async () => {
    const linked = join(folder, "secret");
    const version = (name: string, text: string) => {
      mkdirSync(join(linked, name), { recursive: true });
      writeFileSync(join(linked, name, "keys"), text);
      symlinkSync(name, join(linked, "..next"));
      renameSync(join(linked, "..next"), join(linked, "..data"));
    };
    version("..1", "key-alice=alice\n");
    symlinkSync("..data/keys", join(linked, "keys"));
    await using mounted = await start({ API_KEYS_FILE: join(linked, "keys") });
    expect(await statusOf(mounted.url, { apiKey: "key-alice" })).toBe(101);
    version("..2", "key-bob=bob\n");
    rmSync(join(linked, "..1"), { recursive: true });
    const after = ["key-alice", "key-bob"].map((apiKey) => statusOf(mounted.url, { apiKey }));
    expect(await Promise.all(after)).toEqual([403, 101]);
  });

  it("is read again on SIGHUP", async () => {
    expect(await status("key-alice")).toBe(101);
    const before = server.logged("API_KEYS_FILE was read").length;
    process.kill(server.pid, "SIGHUP");
    await expect.poll(() => server.logged("API_KEYS_FILE was read").length).toBeGreaterThan(before);
    expect(await status("key-alice")).toBe(101);
  });

  it.each([
    [
      "is invalid",
      "key-carol=carol\nvery-secret\n",
      /^line 2: expected key=user_id or key=\*; a key may have letters, digits and/,
    ],
    ["has a key twice", "key-carol=carol\nkey-carol=eve\n", /^line 2: this key is there twice$/],
  ])("that %s changes nothing, and the log says so without the key", async (_what, text, problem) => {
    expect(await status("key-alice")).toBe(101);
    const message = "API_KEYS_FILE is not valid; the last valid keys stay in use";
    const before = server.logged(message).length;
    writeFileSync(file, text);
    expect(await Promise.all(["key-carol", "key-alice"].map(status))).toEqual([403, 101]);
    const line = server.logged(message)[before];
    expect(line?.problem).toMatch(problem);
    expect(server.output.join("\n")).not.toMatch(/very-secret|key-carol/);
  });

  it("that is deleted changes nothing", async () => {
    expect(await status("key-alice")).toBe(101);
    rmSync(file);
    expect(await status("key-alice")).toBe(101);
  });
});

describe("a key that is gone", { timeout: 60_000 }, () => {
  it("closes its WebSockets with 1008, and no others", async () => {
    await using mine = await rawClient(server.url, { params: { api_key: "key-alice" } });
    await using other = await rawClient(server.url, { params: { api_key: "q83v+/3cs==" } });
    writeFileSync(file, "q83v+/3cs===bob\n");
    expect(await mine.waitClose(20_000)).toEqual({ code: 1008, reason: "API key revoked" });
    other.send([null, "1", "phoenix", "heartbeat", {}]);
    expect((await other.next())[4].status).toBe("ok");
  });

  it("closes its sockets if it is another user's now", async () => {
    await using mine = await rawClient(server.url, { params: { api_key: "key-alice" } });
    writeFileSync(file, "key-alice=eve\n");
    expect(await mine.waitClose(20_000)).toMatchObject({ code: 1008 });
  });

  it("ends its long-poll sessions, and phoenix.js cannot open another one", async () => {
    const lp = { socketOptions: { transport: LongPoll as never } }; // the types allow only a WebSocket
    await using client = await connect(server.url, { authToken: "key-alice", ...lp });
    await client.join(crypto.randomUUID());
    writeFileSync(file, "q83v+/3cs===bob\n");
    const { code } = await client.closed();
    expect([1000, 1006, 1008, 1011]).toContain(code);
    client.socket.disconnect();
    expect(await status("key-alice")).toBe(403);
  });
});

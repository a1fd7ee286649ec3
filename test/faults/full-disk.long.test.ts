import { execFileSync, spawnSync } from "node:child_process";
import { closeSync, copyFileSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";

import { sqliteStore } from "../../src/store/sqlite/open.ts";
import { StoreBusy } from "../../src/store/store.ts";
import { chat, idsOf } from "../store/contract/chat.ts";
import { type Conversation, connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import type { Response } from "../support/payload.ts";
import { inherited, type SpawnedServer, spawnServer } from "../support/spawned.ts";

const isRoot = process.getuid?.() === 0;

/** 300 kB. */
const longAnswer = { chunks: Array<string>(60).fill("word ".repeat(1_000)) };

interface Disk {
  folder: string;
  /** Lets the server write no more. */
  fill(server: SpawnedServer): void;
  free(server: SpawnedServer): void;
}

function folderOfTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file system of 48 MB without a free byte. */
function smallDisk() {
  const folder = join(folderOfTest(), "disk");
  mkdirSync(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", folder]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", folder]));
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill() {
      for (const size of [1_048_576, 4_096, 1]) writeAll(ballast, Buffer.alloc(size));
    },
    free: () => rmSync(ballast),
  };
}

/** Appends to a file until there is no space. */
function writeAll(path: string, bytes: Buffer): void {
  const file = openSync(path, "a");
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(file);
  }
}

/** A limit of the files' size, which fails like a quota. */
function sizeLimit(): Disk {
  const limit = (server: SpawnedServer, bytes: string) =>
    void execFileSync("prlimit", ["--pid", String(server.pid), `--fsize=${bytes}:`]);
  return {
    folder: folderOfTest(),
    fill: (server) => limit(server, "2097152"),
    free: (server) => limit(server, "unlimited"),
  };
}

const start = (disk: Disk, model: ModelServer) =>
  spawnServer({
    OPENAI_BASE_URL: model.url,
    MODEL: "m",
    DATABASE_URL: `sqlite:${join(disk.folder, "test.db")}`,
    RATE_LIMIT_MESSAGES: "0",
    RATE_LIMIT_PUSHES: "0",
  });

const statusOf = async (server: SpawnedServer, path: string) => (await fetch(`${server.http}${path}`)).status;

/** Asks one question after the other until one is refused: the log has some room of its own. Ends of turns may be missing by then. */
async function askUntilRefused(conversation: Conversation) {
  const accepted: string[] = [];
  for (let count = 0; count < 500; count += 1) {
    const content = `Question ${count}`;
    const began = performance.now();
    const { status, response } = await conversation.push("message", { content, ...simple });
    if (status !== "ok") {
      const event = await conversation.next("error", ({ details }) => details.code === "busy");
      return { accepted, response, event, ms: performance.now() - began };
    }
    accepted.push(content);
    await conversation.turn(response.turn_id, 2_000).catch(() => {});
  }
  throw new Error("no question was refused");
}

/** The questions of a conversation, and how they ended. */
async function questions(conversation: Conversation): Promise<string[]> {
  const found: string[] = [];
  for (let page: Page = {}; page; ) {
    const { turns, has_more }: Response<"get_history"> = (await conversation.push("get_history", page)).response;
    found.unshift(...turns.map(({ query, status }) => `${query}: ${status}`));
    page = has_more ? { before: turns[0]?.turn_id } : undefined;
  }
  return found;
}

type Page = { before?: string | undefined } | undefined;

const disks: [string, () => Disk, boolean][] = [
  ["a file system without a free byte", smallDisk, !isRoot],
  ["a limit of the files' size", sizeLimit, false],
];

for (const [what, diskOf, isSkipped] of disks) {
  it.skipIf(isSkipped)(
    `with ${what}, messages are refused at once, the server is unready, nothing accepted is lost, and it goes on by itself`,
    async () => {
      const disk = diskOf();
      await using model = await startModelServer();
      model.answer(() => longAnswer);
      await using server = await start(disk, model);
      await using client = await server.connect();
      const conversation = await client.join("c");
      await conversation.ask("Before", simple);

      disk.fill(server);
      const { accepted, response, event, ms } = await askUntilRefused(conversation);
      expect(response).toMatchObject({ reason: "busy", details: { retry_after_ms: expect.any(Number) } });
      expect(event.details.code).toBe("busy");
      expect(ms).toBeLessThan(5_000);
      expect([await statusOf(server, "/readyz"), await statusOf(server, "/healthz")]).toEqual([503, 200]);

      disk.free(server);
      await expect.poll(() => statusOf(server, "/readyz"), { timeout: 5_000 }).toBe(200);
      const all = ["Before", ...accepted].map((content) => `${content}: completed`);
      await expect.poll(() => questions(conversation), { timeout: 120_000, interval: 500 }).toEqual(all);
      await conversation.ask("After", simple);
    },
  );
}

it.skipIf(!isRoot)("a start on a full disk ends with a sentence that says so", async () => {
  const disk = smallDisk();
  writeAll(join(disk.folder, "ballast"), Buffer.alloc(4_096));
  const path = join(disk.folder, "new.db");
  const env = { ...inherited(), PORT: "0", DATABASE_URL: `sqlite:${path}` };
  const { status, stderr } = spawnSync(process.execPath, ["src/main.ts"], { env, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/^could not start: DATABASE_URL: \S+ cannot be used: [^\n]*disk[^\n]*\.\n$/);
});

it.skipIf(!isRoot)(
  "a server that dies while its disk is full has everything it accepted at its next start",
  async () => {
    const disk = smallDisk();
    await using model = await startModelServer();
    model.answer(() => longAnswer);
    const first = await start(disk, model);
    const before = await first.connect();
    disk.fill();
    const { accepted } = await askUntilRefused(await before.join("c"));
    await first.end("SIGKILL");
    await before.close();
    disk.free();

    await using second = await start(disk, model);
    await using client = await connect(second.url, { apiKey: "key-a" });
    const conversation = await client.join("c");
    const all = accepted.map((content) => `${content}: completed`);
    await expect.poll(() => questions(conversation), { timeout: 120_000, interval: 500 }).toEqual(all);
  },
);

it.skipIf(!isRoot)("a write that a full disk has refused is not there after a crash", async () => {
  const disk = smallDisk();
  const path = join(disk.folder, "test.db");
  const store = sqliteStore(path);
  const talk = await chat(store);
  disk.fill();
  const kept: string[] = [];
  const accept = async () => {
    for (;;) kept.push((await talk.accepted("x".repeat(20_000), { maxAhead: Number.POSITIVE_INFINITY })).id);
  };
  await expect(accept()).rejects.toThrow(StoreBusy);
  const copy = join(folderOfTest(), "copy.db"); // what a crash leaves
  for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  const after = sqliteStore(copy);
  expect(idsOf(await after.turns.open(talk.id))).toEqual(kept);
  await after.close();
  disk.free();
  await store.close();
});

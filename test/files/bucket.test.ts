import { readdirSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { config } from "../../src/config.ts";
import { openFiles } from "../../src/open-files.ts";
import { logger } from "../../src/telemetry/log.ts";
import { startBucket, type Trouble } from "../support/bucket.ts";
import { simple } from "../support/conversation.ts";
import { start } from "../support/start.ts";
import { filesServer, form, pdf, png, refusal, textPage } from "./support.ts";

const bucket = await startBucket();
const server = await filesServer({ FILES_URL: bucket.url(), FILE_MAX_MB: "24" });
const client = await server.connect();

afterAll(async () => {
  await client.close();
  await server.close();
  await bucket[Symbol.asyncDispose]();
});

beforeEach(() => {
  server.model.reset();
  bucket.requests.length = 0;
});

const keyOf = (fileId: string) => `of/chat/${fileId}/bytes`;

/** Uploads that arrive, or are left, on this machine. */
const arriving = () =>
  readdirSync(tmpdir())
    .filter((name) => /^conversation-channel-files-/.test(name))
    .flatMap((name) => readdirSync(join(tmpdir(), name)));

describe("files in a bucket", () => {
  it("are stored below the prefix when the answer comes, and given back byte for byte", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => 32 + (index % 90));
    const { file_id } = await server.kept(bytes, { name: "../../of/evil\u0000.txt" });
    expect(await bucket.object(keyOf(file_id))).toEqual(bytes);
    expect(bucket.requests).toEqual([`PUT /files/${keyOf(file_id)}`]);
    const response = await server.get(file_id);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get("content-disposition")).toContain('filename="evil.txt"');
    expect(arriving()).toEqual([]);
  });

  it("are not read as a whole to answer HEAD, or a client that has them", async () => {
    const { file_id } = await server.kept(Buffer.from(`\ufeff${"ü".repeat(100_000)}`, "utf16le"));
    const before = bucket.passed();
    const head = await server.get(file_id, {}, { method: "HEAD" });
    expect(head.headers.get("content-type")).toBe("text/plain; charset=utf-16le");
    expect(head.headers.get("content-length")).toBe("200002");
    const known = await server.get(file_id, { headers: { "if-none-match": `"${file_id}"` } });
    expect(known.status).toBe(304);
    expect(bucket.passed() - before).toBeLessThan(10);
  });

  it("come with messages: the pages of a PDF, which are stored beside it, a text, and an image", async () => {
    const paper = await server.kept(pdf([textPage("First words"), textPage("Second words")]));
    expect(bucket.keys()).toContain(`of/chat/${paper.file_id}/pages.json`);
    const notes = await server.kept("Written by hand");
    const bytes = png(20, 10);
    const image = await server.kept(bytes);
    const conversation = await client.join(crypto.randomUUID());
    const attachments = [paper, notes, image].map(({ file_id }) => ({ file_id }));
    await conversation.ask("What is in them?", { ...simple, attachments });
    const asked = JSON.stringify(server.model.requests[0]?.messages);
    expect(asked).toMatch(/First words.*Second words.*Written by hand/s);
    expect(asked).toContain(bytes.toString("base64"));
  });

  it("are waited for by a turn while the server is busy", async () => {
    const notes = await server.kept("Written by hand");
    bucket.troubles.push(...Array<Trouble>(7).fill("busy"));
    const conversation = await client.join(crypto.randomUUID());
    await conversation.ask("What is in it?", { ...simple, attachments: [{ file_id: notes.file_id }] });
    expect(bucket.troubles).toEqual([]);
    expect(JSON.stringify(server.model.requests[0]?.messages)).toContain("Written by hand");
  });

  it("leave nothing of an upload that is refused or broken off", async () => {
    const before = bucket.keys();
    expect((await server.upload(Uint8Array.from([0, 1, 2, 3]))).status).toBe(415);
    expect((await server.upload("")).status).toBe(400);
    const broken = new AbortController();
    const body = new ReadableStream({
      start: (controller) =>
        controller.enqueue(
          new TextEncoder().encode('--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc'),
        ),
    });
    const init = { method: "POST", body, duplex: "half", signal: broken.signal };
    const headers = { authorization: "Bearer key-a", "content-type": "multipart/form-data; boundary=x" };
    const sent = fetch(`${server.http}/files`, { ...init, headers });
    await expect.poll(arriving).toHaveLength(1);
    broken.abort();
    await expect(sent).rejects.toThrow();
    await expect.poll(arriving).toEqual([]);
    expect(bucket.keys()).toEqual(before);
    expect(bucket.requests).toEqual([]);
  });

  it("are sent again if the server is busy for a moment", async () => {
    bucket.troubles.push("busy", "busy");
    const { file_id } = await server.kept("a".repeat(200_000));
    expect(bucket.requests).toEqual(Array(3).fill(`PUT /files/${keyOf(file_id)}`));
    bucket.troubles.push("busy");
    expect(await (await server.get(file_id)).text()).toHaveLength(200_000);
  });

  it("are refused with 503 while the server is down, count for nothing then, and are there when it is back", async () => {
    const { file_id } = await server.kept("Kept before");
    await bucket.down();
    for (let times = 0; times < 3; times += 1) {
      const response = await server.upload("Not kept");
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await refusal(response)).toMatchObject({ status: 503, reason: "busy" });
    }
    expect(await refusal(await server.get(file_id))).toMatchObject({ status: 503, reason: "busy" });
    expect((await server.get(crypto.randomUUID())).status).toBe(404);
    const database = new Database(join(server.folder, "test.db"), { readonly: true });
    expect(database.prepare("SELECT count(*) FROM files WHERE size = 8 AND state = 'unused'").pluck().get()).toBe(0);
    database.close();
    await bucket.up();
    expect(await (await server.get(file_id)).text()).toBe("Kept before");
    expect((await server.upload("Kept after")).status).toBe(201);
  });

  it("are not shown as whole if the server goes in the middle", async () => {
    const { file_id } = await server.kept("a".repeat(3_000_000));
    bucket.troubles.push("cut");
    await expect(server.get(file_id).then((response) => response.text())).rejects.toThrow();
  });

  // Again if it fails: now and then, the kernel's buffers take the whole file.
  it("are read no faster than the client reads them", { retry: 3 }, async () => {
    const size = 24 * 1_048_576;
    const { file_id } = await server.kept(Buffer.alloc(size, "a"));
    const before = bucket.passed();
    const headers = { authorization: "Bearer key-a" };
    const response = await new Promise<import("node:http").IncomingMessage>((resolve) => {
      get(`${server.http}/files/${file_id}`, { headers }, resolve);
    });
    let last = -1;
    await expect
      .poll(
        () => {
          const isStill = bucket.passed() === last;
          last = bucket.passed();
          return isStill;
        },
        { interval: 300 },
      )
      .toBe(true);
    expect(last - before).toBeLessThan(size * 0.75);
    let read = 0;
    for await (const chunk of response) read += chunk.length;
    expect(read).toBe(size);
  });

  it("go when nobody needs them", async () => {
    await using other = await filesServer({ FILES_URL: bucket.url() });
    const [old, young] = [await other.kept(pdf([textPage("Old")])), await other.kept("Young")];
    const database = new Database(join(other.folder, "test.db"));
    const past = "2020-01-01T00:00:00.000Z";
    database.prepare("UPDATE files SET created_at = ? WHERE file_id = ?").run(past, old.file_id);
    database.close();
    await other.restart();
    await expect.poll(() => bucket.keys().filter((key) => key.includes(old.file_id))).toEqual([]);
    expect((await other.get(old.file_id)).status).toBe(404);
    expect(await (await other.get(young.file_id)).text()).toBe("Young");
  });

  it("whose bytes were deleted by somebody answer 404", async () => {
    await using elsewhere = await startBucket();
    await using other = await filesServer({ FILES_URL: elsewhere.url() });
    const { file_id } = await other.kept("Gone soon");
    await elsewhere.remove(keyOf(file_id));
    expect((await other.get(file_id)).status).toBe(404);
  });
});

describe("a start with a bucket", () => {
  it.each([
    ["with a wrong key", { secret: "not-the-secret" }, /^FILES_URL: .*SignatureDoesNotMatch/],
    ["with a bucket that does not exist", { bucket: "nowhere" }, /^FILES_URL: .*NoSuchBucket/],
  ])("%s says so, without the key", async (_, over, message) => {
    const failed = start({ FILES_URL: bucket.url(over) });
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow("not-the-secret");
  });

  it("with a folder as well says that files are in one place", async () => {
    await expect(start({ FILES_URL: bucket.url(), FILES_DIR: tmpdir() })).rejects.toThrow(
      /^FILES_URL: FILES_DIR is set/,
    );
  });

  it("takes what the address leaves out from the variables that AWS documents", async () => {
    const query = new URL(bucket.url()).searchParams;
    vi.stubEnv("AWS_ENDPOINT_URL_S3", query.get("endpoint") ?? "");
    vi.stubEnv("AWS_ACCESS_KEY_ID", query.get("access_key_id") ?? "");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", query.get("secret_access_key") ?? "");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(start({ FILES_URL: "s3://files/by-variables" })).rejects.toThrow(/^FILES_URL: .*Region is missing/);
    vi.stubEnv("AWS_REGION", "eu-central-1");
    await using other = await filesServer({ FILES_URL: "s3://files/by-variables" });
    const { file_id } = await other.kept("By variables");
    expect(bucket.keys()).toContain(`by-variables/${file_id}/bytes`);
  });

  it("that is down succeeds, and takes files later", async () => {
    await using late = await startBucket();
    await late.down();
    await using other = await filesServer({ FILES_URL: late.url() });
    expect((await other.upload("Too early")).status).toBe(503);
    await late.up();
    expect((await other.post(form("In time"))).status).toBe(201);
    expect(late.keys()).toHaveLength(1);
  });
});

it("a server with Postgres and no place for files says that they are on this machine alone", async () => {
  const lines: object[] = [];
  const log = logger("silent");
  log.warn = (fields: object) => lines.push(fields);
  const url = "postgres://localhost/x";
  await openFiles(config({ DATABASE_URL: url }), log);
  expect(lines).toEqual([{ folder: join("data", "files") }]);
  await openFiles(config({ DATABASE_URL: url, FILES_DIR: join(server.folder, "files") }), log);
  await (await openFiles(config({ DATABASE_URL: url, FILES_URL: bucket.url() }), log)).close();
  expect(lines).toHaveLength(1);
});

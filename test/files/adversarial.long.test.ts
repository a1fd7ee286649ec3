import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createConnection } from "node:net";
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { holdsForAnything } from "./property.ts";
import { filesServer, pdf, refusal, textPage } from "./support.ts";

it("whatever is uploaded, PDFs too, is kept as it is, or refused by a reason", async () => {
  await using server = await filesServer();
  await expect(holdsForAnything(server, { pdfs: 20, runs: 1_000 })).resolves.toBeUndefined();
}, 1_800_000);

describe("PDFs that want everything", () => {
  /** A page that inflates to a text so many times, without having it in memory here. */
  function repeated(start: string, filling: string, megabytes: number): Buffer<ArrayBuffer> {
    const piece = (text: string) => deflateRawSync(text, { finishFlush: constants.Z_FULL_FLUSH });
    const million = piece(filling.repeat(1_000_000 / filling.length));
    const end = Buffer.from([3, 0]);
    return pdf([Buffer.concat([Buffer.from([0x78, 0x9c]), piece(start), ...Array(megabytes).fill(million), end])]);
  }

  it.each<[string, () => Buffer<ArrayBuffer>]>([
    ["1.5 GB of spaces", () => repeated("", " ", 1_500)],
    ["a line of 1 GB", () => repeated("BT /F1 9 Tf (", "a", 1_000)],
    ["100 million pieces of text", () => repeated("BT /F1 9 Tf ", "(a) Tj 0 -9 Td ", 1_500)],
    ["brackets a million deep", () => repeated("BT /F1 9 Tf ", "[", 1)],
    ["brackets a hundred million deep", () => repeated("BT /F1 9 Tf ", "<<", 200)],
    [
      "a billion pages",
      () =>
        Buffer.from(
          pdf([textPage("a")])
            .toString("latin1")
            .replace("/Count 1", "/Count 999999999"),
          "latin1",
        ),
    ],
  ])(
    "%s: the server answers, others are served meanwhile, and its memory grows by less than 600 MB",
    async (what, document) => {
      await using server = await filesServer();
      const bytes = document();
      const before = process.memoryUsage().rss;
      let isOver = false;
      const uploads = ["a", "b", "c", "d"].map((user) =>
        server.upload(bytes, { key: "key-any", headers: { "x-user-id": user } }),
      );
      const answered = Promise.all(uploads).finally(() => {
        isOver = true;
      });
      let slowestMs = 0;
      let highest = 0;
      while (!isOver) {
        const start = performance.now();
        await fetch(`${server.http}/healthz`);
        slowestMs = Math.max(slowestMs, performance.now() - start);
        highest = Math.max(highest, process.memoryUsage().rss - before);
      }
      for (const response of await answered) {
        if (response.status === 201) await response.body?.cancel();
        else expect(["content_too_long", "unsupported_type"]).toContain((await refusal(response)).reason);
      }
      process.stdout.write(`${what}: slowest ${Math.round(slowestMs)} ms, memory + ${Math.round(highest / 1e6)} MB\n`);
      expect(highest).toBeLessThan(600_000_000);
      expect(slowestMs).toBeLessThan(2_000);
    },
    300_000,
  );
});

it("100 uploads at the same time, from users who send slowly, cost the memory of their pieces", async () => {
  await using server = await filesServer({ FILE_MAX_MB: "100" });
  const before = process.memoryUsage().rss;
  const piece = randomBytes(65_536).toString("base64");
  const bodies = Array.from({ length: 100 }, (_, index) => {
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        if (sent === 0)
          controller.enqueue(Buffer.from('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n'));
        controller.enqueue(Buffer.from(piece));
        sent += 1;
        if (sent < 20) return;
        controller.enqueue(Buffer.from("\r\n--x--\r\n"));
        controller.close();
      },
    });
    const headers = { "x-user-id": `user-${index}`, "content-type": "multipart/form-data; boundary=x" };
    return server.post(stream, { key: "key-any", headers });
  });
  const statuses = (await Promise.all(bodies)).map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([201]));
  expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
}, 120_000);

it("an upload that stops is refused after 20 s, and a body for another path closes its connection after 30 s", async () => {
  await using server = await filesServer();
  const { hostname, port } = new URL(server.http);
  async function sent(path: string, type: string, body: string) {
    const started = performance.now();
    const socket = createConnection(Number(port), hostname);
    const head = `POST ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer key-a\r\ncontent-length: 9999\r\ncontent-type: ${type}\r\n\r\n`;
    socket.write(head + body);
    const first = once(socket, "data");
    const closed = once(socket, "close");
    const status = String((await first)[0]).slice(0, 12);
    const answeredAfter = (performance.now() - started) / 1_000;
    await closed;
    return { status, answeredAfter, closedAfter: (performance.now() - started) / 1_000 };
  }
  const part = '--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\na';
  const [upload, other] = await Promise.all([
    sent("/files", "multipart/form-data; boundary=x", part),
    sent("/healthz", "text/plain", "a"),
  ]);
  expect(upload).toMatchObject({ status: "HTTP/1.1 408" });
  expect(upload.answeredAfter).toBeGreaterThan(19);
  expect(upload.answeredAfter).toBeLessThan(30);
  expect(other).toMatchObject({ status: "HTTP/1.1 404" });
  expect(other.closedAfter).toBeGreaterThan(29);
  expect(other.closedAfter).toBeLessThan(40);
});

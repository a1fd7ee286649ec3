import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";

import { holdsForAnything } from "./property.ts";
import { filesServer, pdf, refusal, textPage } from "./support.ts";

it("whatever is uploaded, PDFs too, is kept as it is, or refused by a reason", async () => {
  await using server = await filesServer();
  await expect(holdsForAnything(server, { pdfs: 20, runs: 3_000 })).resolves.toBeUndefined();
}, 1_800_000);

describe("PDFs that want everything", () => {
  const repeated = (start: string, filling: string, bytes: number) =>
    pdf([deflateSync(Buffer.concat([Buffer.from(start), Buffer.alloc(bytes, filling)]), { level: 9 })]);

  it.each<[string, () => Buffer<ArrayBuffer>]>([
    ["1.5 GB of spaces", () => repeated("", " ", 1_500_000_000)],
    ["a line of 1 GB", () => repeated("BT /F1 9 Tf (", "a", 1_000_000_000)],
    ["100 million pieces of text", () => repeated("BT /F1 9 Tf ", "(a) Tj 0 -9 Td ", 1_500_000_000)],
    ["brackets a million deep", () => repeated("BT /F1 9 Tf ", "[", 1_000_000)],
    ["brackets a hundred million deep", () => repeated("BT /F1 9 Tf ", "<<", 200_000_000)],
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
    "%s: the server answers, others are served meanwhile, and its memory stays below 1 GB",
    async (_, document) => {
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
      expect(highest).toBeLessThan(1_000_000_000);
      expect(slowestMs).toBeLessThan(2_000);
    },
    300_000,
  );
});

it("300 uploads at the same time, from users who send slowly, cost the memory of their pieces", async () => {
  await using server = await filesServer({ FILE_MAX_MB: "100" });
  const before = process.memoryUsage().rss;
  const piece = randomBytes(65_536).toString("base64");
  const bodies = Array.from({ length: 300 }, (_, index) => {
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
  expect(process.memoryUsage().rss - before).toBeLessThan(600_000_000);
}, 120_000);

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { afterAll, expect, it } from "vitest";

import { pdfLimits, pdfPages } from "../../src/files/pdf.ts";
import { pdf, textPage } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "pdf-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The text of a document, read with these limits. */
async function read(document: Buffer, limits = pdfLimits) {
  const path = join(folder, "document.pdf");
  writeFileSync(path, document);
  return await pdfPages(path, limits);
}

/** A document whose page inflates to this many bytes. */
function bomb(start: string, filling: string, bytes: number): Buffer {
  return pdf([deflateSync(Buffer.concat([Buffer.from(start), Buffer.alloc(bytes, filling)]), { level: 1 })]);
}

it("has the text of each page, with its number", async () => {
  expect(await read(pdf([textPage("First line", "second line"), "", textPage("Third page")]))).toEqual([
    { page: 1, text: "First line\nsecond line" },
    { page: 2, text: "" },
    { page: 3, text: "Third page" },
  ]);
});

it.each([
  ["a stream that inflates to much more than it may", "BT /F1 9 Tf (", "a"],
  ["text in very many pieces", "BT /F1 9 Tf ", "(ab) Tj 0 -9 Td "],
])("%s is refused before it fills the memory", async (_, start, filling) => {
  const document = bomb(start, filling, 60_000_000);
  await expect(read(document, { memoryMb: 24, timeoutMs: 60_000 })).rejects.toMatchObject({
    reason: "content_too_long",
    message: expect.stringContaining("memory"),
  });
});

it("what takes too long is refused, and its thread ends", async () => {
  const started = performance.now();
  const document = bomb("BT /F1 9 Tf ", "(ab) Tj 0 -9 Td ", 60_000_000);
  await expect(read(document, { ...pdfLimits, timeoutMs: 1 })).rejects.toMatchObject({
    reason: "content_too_long",
    message: expect.stringContaining("time"),
  });
  expect(performance.now() - started).toBeLessThan(10_000);
});

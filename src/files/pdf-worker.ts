import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { getDocumentProxy } from "unpdf";

import type { PdfJob, PdfResult } from "./pdf.ts";

/** Runs in a thread of its own, which ends with this one document. */
async function read({ path, maxPages, maxUnits }: PdfJob): Promise<PdfResult> {
  const data = new Uint8Array(await readFile(path));
  const document = await getDocumentProxy(data, {
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    maxImageSize: 1, // images are skipped
    ...encodings(),
  });
  const texts: string[] = [];
  let units = 0;
  for (let number = 1; number <= document.numPages && texts.length < maxPages && units < maxUnits; number += 1) {
    const page = await document.getPage(number);
    const { items } = await page.getTextContent();
    const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? "\n" : "") : "")).join("");
    page.cleanup();
    texts.push(text.slice(0, maxUnits - units).toWellFormed());
    units += text.length;
  }
  return { texts };
}

/** Tables of the old Chinese, Japanese and Korean encodings, if the package is installed that has them. unpdf passes a URL that Node cannot read. */
function encodings() {
  try {
    const cMapUrl = fileURLToPath(new URL("cmaps/", import.meta.resolve("pdfjs-dist/package.json")));
    return { cMapUrl, cMapPacked: true };
  } catch {
    return {};
  }
}

const job: PdfJob = workerData; // as `pdf.ts` passes it
read(job).then(
  (result) => parentPort?.postMessage(result),
  (error: unknown) => {
    const isLocked = error instanceof Error && error.name === "PasswordException";
    const result: PdfResult = { problem: isLocked ? "locked" : "damaged" };
    parentPort?.postMessage(result);
  },
);

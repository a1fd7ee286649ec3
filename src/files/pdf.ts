import { Worker } from "node:worker_threads";

import type { Page } from "../../graphs/files.ts";
import { FileRefused } from "./refused.ts";

export interface PdfJob {
  path: string;
  maxPages: number;
  maxUnits: number;
}

export type PdfResult = { texts: string[] } | { problem: "locked" | "damaged" };

export interface PdfLimits {
  timeoutMs: number;
  /** JavaScript's heap and the bytes beside it, together. */
  memoryMb: number;
}

export const pdfLimits: PdfLimits = { timeoutMs: 20_000, memoryMb: 160 };

/** More than a model reads. The rest is left out. */
const extent = { maxPages: 2_000, maxUnits: 4_194_304 };

/** How often to look at the memory of the thread: what streams inflate to is not a part of the heap, which Node limits itself. */
const lookMs = 25;

/**
 * The text of a PDF's pages. pdf.js runs in a thread of its own, with limits of time and memory: a file of 1 MB can inflate to gigabytes.
 * Throws `FileRefused`.
 */
export async function pdfPages(path: string, limits = pdfLimits): Promise<Page[]> {
  const result = await inThread({ path, ...extent }, limits);
  if ("texts" in result) return result.texts.map((text, index) => ({ page: index + 1, text }));
  throw result.problem === "locked"
    ? new FileRefused("unsupported_type", "This PDF has a password. Remove it, and upload the PDF again.")
    : new FileRefused("unsupported_type", "This PDF is damaged: its text cannot be read.");
}

function inThread(job: PdfJob, { timeoutMs, memoryMb }: PdfLimits): Promise<PdfResult> {
  const { promise, resolve, reject } = Promise.withResolvers<PdfResult>();
  const worker = new Worker(new URL("./pdf-worker.ts", import.meta.url), {
    workerData: job,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
  });
  const tooMuch = (what: string) =>
    reject(new FileRefused("content_too_long", `Reading this PDF takes too much ${what}. Upload a part of it.`));
  const timeout = setTimeout(tooMuch, timeoutMs, "time");
  const look = async () => {
    const { used_heap_size: heap, external_memory: beside } = await worker.getHeapStatistics();
    if (heap + beside > memoryMb * 1_048_576) tooMuch("memory");
  };
  const looks = setInterval(() => look().catch(ignore), lookMs); // it rejects before the thread runs, and after its end
  worker.once("message", resolve);
  worker.once("error", (error) => {
    if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") tooMuch("memory");
    else reject(error);
  });
  worker.once("exit", (code) => reject(new Error(`The thread that reads a PDF ended with ${code}.`)));
  return promise.finally(async () => {
    clearTimeout(timeout);
    clearInterval(looks);
    await worker.terminate();
  });
}

function ignore(): void {}

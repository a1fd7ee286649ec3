import { type AttachedFile, isImage, type Page } from "../files.ts";
import type { Host, JsonObject } from "../host.ts";
import { cut } from "../text.ts";
import { type Attached, type NumberedSource, nothingAttached, type ReadFile } from "./attached.ts";

/** In UTF-16 units. No request has room for more text of one file. */
const maxUnits = 256_000;

/** Of earlier messages, for one request. In UTF-16 units, and in bytes. */
const maxEarlierFiles = 20;
const maxEarlierUnits = 64_000;
const maxEarlierImages = 4;
const maxEarlierImageBytes = 8_388_608;

/** In UTF-16 units. */
const maxQuoteUnits = 300;

/** The files of the message, then those of earlier messages, the newest first. If the client asks for sources, they are numbered in this order; the context comes between. */
export async function readAttached(
  host: Pick<Host, "files">,
  attachments: readonly AttachedFile[],
  { context, preferences }: { context: JsonObject; preferences: JsonObject },
): Promise<Attached> {
  const own = new Set(attachments.map(({ file_id }) => file_id));
  const earlier = (await host.files())
    .filter(({ file_id }) => !own.has(file_id))
    .slice(-maxEarlierFiles)
    .reverse();
  const hasContext = preferences.include_sources === true && Object.keys(context).length > 0;
  if (attachments.length === 0 && earlier.length === 0 && !hasContext) return nothingAttached;

  const left = { units: maxEarlierUnits, images: maxEarlierImages, bytes: maxEarlierImageBytes };
  const files: ReadFile[] = [];
  for (const [index, file] of attachments.entries())
    files.push({ ...(await read(file)), number: index + 1, isEarlier: false });
  const first = attachments.length + (hasContext ? 2 : 1);
  for (const [index, file] of earlier.entries())
    files.push({ ...(await readEarlier(file, left)), number: first + index, isEarlier: true });
  if (preferences.include_sources !== true) return { files, sources: [] };
  const sources: NumberedSource[] = files.map(({ number, isEarlier, name, file_id }) => {
    return { number, isEarlier, title: name, file_id };
  });
  if (hasContext) sources.push({ number: first - 1, isEarlier: false, title: "context", quote: quoteOf(context) });
  return { files, sources: sources.sort((one, other) => one.number - other.number) };
}

type Content = Omit<ReadFile, "number" | "isEarlier">;

async function read(file: AttachedFile, limit = maxUnits): Promise<Content> {
  const { file_id, name, size, media_type } = file;
  const facts = { file_id, name, size, media_type };
  try {
    return { ...facts, ...(isImage(file) ? { image: await imageOf(file) } : textOf(await file.pages(), limit)) };
  } catch {
    return { ...facts, isGone: true };
  }
}

/** Takes from what is left. */
async function readEarlier(file: AttachedFile, left: { units: number; images: number; bytes: number }) {
  const { file_id, name, size, media_type } = file;
  if (!isImage(file)) {
    const content = await read(file, left.units);
    left.units -= content.text?.length ?? 0;
    return content;
  }
  if (left.images === 0 || size > left.bytes) return { file_id, name, size, media_type };
  left.images -= 1;
  left.bytes -= size;
  return await read(file);
}

async function imageOf(file: AttachedFile): Promise<string> {
  const { buffer, byteOffset, byteLength } = await file.bytes();
  return `data:${file.media_type};base64,${Buffer.from(buffer, byteOffset, byteLength).toString("base64")}`;
}

function textOf(pages: readonly Page[], limit: number): { text: string; units: number } {
  let text = "";
  let units = 0;
  for (const { page, text: words } of pages) {
    units += words.length;
    if (text.length < limit) text += `${text && "\n\n"}${page === undefined ? "" : `[page ${page}]\n`}${words}`;
  }
  return { text: cut(text, limit), units };
}

function quoteOf(context: JsonObject): string {
  return cut(JSON.stringify(context), maxQuoteUnits);
}

import { type FileHandle, open } from "node:fs/promises";

import type { Page } from "../../graphs/files.ts";
import { type ImageHeader, imageHeader } from "./image-header.ts";
import { isText } from "./plain-text.ts";
import { FileRefused } from "./refused.ts";

/** What a file is, by its bytes alone. */
export interface Contents {
  mediaType: ImageHeader["mediaType"] | "application/pdf" | "text/plain";
  /** The text of a PDF. */
  pages?: readonly Page[];
}

/** Larger images need more memory than programs that show them may have. */
const maxPixels = 50_000_000;
const maxSide = 16_384;

/** Finds out what a file is. Throws `FileRefused` if it is nothing that a model can read. */
export async function contentsOf(path: string, pdfPages: (path: string) => Promise<Page[]>): Promise<Contents> {
  const { image, isPdf } = await lookInto(path);
  if (image) return { mediaType: checked(image).mediaType };
  if (isPdf) return { mediaType: "application/pdf", pages: await pdfPages(path) };
  if (await isText(path)) return { mediaType: "text/plain" };
  throw new FileRefused(
    "unsupported_type",
    "This type of file cannot be read. Upload an image (PNG, JPEG, GIF, WebP), a PDF, or text in UTF-8.",
  );
}

async function lookInto(path: string) {
  const file = await open(path);
  try {
    const read = reader(file);
    const image = await imageHeader(read);
    return { image, isPdf: (await read(0, 5)).toString("latin1") === "%PDF-" };
  } finally {
    await file.close();
  }
}

function reader(file: FileHandle) {
  return async (position: number, length: number): Promise<Buffer> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
}

function checked(image: ImageHeader): ImageHeader {
  const { size } = image;
  if (!size) throw new FileRefused("unsupported_type", "This image is damaged.");
  const { width, height } = size;
  if (width <= maxSide && height <= maxSide && width * height <= maxPixels) return image;
  throw new FileRefused(
    "content_too_long",
    `This image has ${width} × ${height} pixels. At most ${maxSide} a side and ${maxPixels / 1e6} million are allowed.`,
  );
}

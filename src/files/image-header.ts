/** Reads bytes of a file: fewer than asked for only at its end. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

export interface ImageHeader {
  mediaType: "image/png" | "image/jpeg" | "image/gif" | "image/webp";
  /** In pixels. Undefined if the header is damaged. */
  size: { width: number; height: number } | undefined;
}

const headBytes = 32;

/** A photo has a few dozen segments before its picture. */
const maxSegments = 1_000;

/** Recognises the formats that models take by their first bytes, and reads their size without decoding them. Undefined for everything else. */
export async function imageHeader(read: ReadAt): Promise<ImageHeader | undefined> {
  const head = await read(0, headBytes);
  const text = (start: number, end: number) => head.toString("latin1", start, end);
  if (text(0, 8) === "\x89PNG\r\n\x1a\n") {
    const isWhole = head.length >= 24 && text(12, 16) === "IHDR";
    return { mediaType: "image/png", size: isWhole ? sized(head.readUInt32BE(16), head.readUInt32BE(20)) : undefined };
  }
  if (text(0, 6) === "GIF87a" || text(0, 6) === "GIF89a") {
    const isWhole = head.length >= 10;
    return { mediaType: "image/gif", size: isWhole ? sized(head.readUInt16LE(6), head.readUInt16LE(8)) : undefined };
  }
  if (text(0, 4) === "RIFF" && text(8, 12) === "WEBP") return { mediaType: "image/webp", size: webpSize(head) };
  if (text(0, 3) === "\xff\xd8\xff") return { mediaType: "image/jpeg", size: await jpegSize(read) };
  return undefined;
}

function sized(width: number, height: number): ImageHeader["size"] {
  return width > 0 && height > 0 ? { width, height } : undefined;
}

/** The three forms of WebP: https://developers.google.com/speed/webp/docs/riff_container */
function webpSize(head: Buffer): ImageHeader["size"] {
  if (head.length < 30) return undefined;
  switch (head.toString("latin1", 12, 16)) {
    case "VP8X":
      return sized(head.readUIntLE(24, 3) + 1, head.readUIntLE(27, 3) + 1);
    case "VP8L": {
      if (head[20] !== 0x2f) return undefined;
      const bits = head.readUInt32LE(21);
      return sized((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    case "VP8 ":
      if (head.readUIntBE(23, 3) !== 0x9d012a) return undefined;
      return sized(head.readUInt16LE(26) & 0x3fff, head.readUInt16LE(28) & 0x3fff);
    default:
      return undefined;
  }
}

/** Goes from segment to segment up to the frame header, which has the size (ITU T.81, B.2.2). */
async function jpegSize(read: ReadAt): Promise<ImageHeader["size"]> {
  let position = 2;
  for (let segment = 0; segment < maxSegments; segment += 1) {
    const head = await read(position, 9);
    if (head.length < 9 || head[0] !== 0xff) return undefined;
    const marker = head[1] ?? 0;
    if (marker === 0xff)
      position += 1; // a fill byte
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7))
      position += 2; // stands alone
    else if (isFrame(marker)) return sized(head.readUInt16BE(7), head.readUInt16BE(5));
    else if (marker === 0xd9 || marker === 0xda || head.readUInt16BE(2) < 2) return undefined;
    else position += 2 + head.readUInt16BE(2);
  }
  return undefined;
}

/** C4, C8 and CC among them mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

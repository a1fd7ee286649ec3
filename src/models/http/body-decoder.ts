import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";

/** Decompresses a body. */
export interface BodyDecoder {
  /** False: full, so that no more should be written before `onDrain`. */
  write(bytes: Buffer): boolean;
  /** The compressed body is complete. */
  end(): void;
  /** Gives nothing from now on. */
  stop(): void;
}

interface Decoded {
  onData(bytes: Buffer): void;
  onDrain(): void;
  onEnd(): void;
  /** The compressed data is damaged or incomplete. */
  onError(error: Error): void;
}

/**
 * A decoder for a body with this content encoding and these first bytes; undefined if it is not compressed. We ask for no compression, but
 * some servers and proxies compress anyway, and some say so and do not.
 */
export function bodyDecoder(
  encoding: string,
  first: Buffer,
  { onData, onDrain, onEnd, onError }: Decoded,
): BodyDecoder | undefined {
  const transform = decompressor(encoding.trim().toLowerCase(), first);
  if (!transform) return undefined;
  transform.on("data", onData).on("drain", onDrain).on("end", onEnd).on("error", onError);
  return {
    write: (bytes) => transform.write(bytes),
    end: () => transform.end(),
    stop: () =>
      transform
        .removeAllListeners("data")
        .on("error", () => {})
        .destroy(),
  };
}

/** How JSON, events, comments and pages begin. */
const plain = /^(\{[\s"]|\[\{|data|even|id:|:|\s|<[!a-z])/i;

function decompressor(encoding: string, bytes: Buffer): Transform | undefined {
  const first = bytes[0];
  if (first === 0x1f) return createGunzip(); // the first byte of gzip, and of nothing that can be read here
  if (plain.test(bytes.toString("latin1", 0, 4))) return undefined;
  if (encoding === "deflate") return first !== undefined && (first & 0x0f) === 8 ? createInflate() : createInflateRaw();
  if (encoding === "br") return createBrotliDecompress();
  return encoding === "zstd" ? createZstdDecompress() : undefined;
}

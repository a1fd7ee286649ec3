import { deflateSync } from "node:zlib";

import { start } from "../support/start.ts";

export type Bytes = string | Uint8Array<ArrayBuffer>;

interface UploadOptions {
  key?: string;
  name?: string;
  headers?: Record<string, string>;
}

/** A form with one file in the field `file`. */
export function form(bytes: Bytes, name = "notes.txt", field = "file"): FormData {
  const data = new FormData();
  data.set(field, new Blob([bytes]), name);
  return data;
}

/** A server, and how the users of `start` send and get files. */
export async function filesServer(env: Record<string, string> = {}) {
  const server = await start({ RATE_LIMIT_MESSAGES: "0", RATE_LIMIT_PUSHES: "0", ...env });
  const headersOf = ({ key = "key-a", headers = {} }: UploadOptions) => ({
    authorization: `Bearer ${key}`,
    ...headers,
  });

  async function post(body: RequestInit["body"], options: UploadOptions = {}): Promise<Response> {
    const init = { method: "POST", headers: headersOf(options), body, duplex: "half" }; // `duplex` is for streams
    return await fetch(`${server.http}/files`, init);
  }
  async function upload(bytes: Bytes, options: UploadOptions = {}): Promise<Response> {
    return await post(form(bytes, options.name), options);
  }
  /** Uploads a file that has to be accepted. */
  async function kept(bytes: Bytes, options: UploadOptions = {}) {
    const response = await upload(bytes, options);
    if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
    return (await response.json()) as { file_id: string; name: string; size: number; media_type: string };
  }
  async function get(fileId: string, options: UploadOptions = {}, init: RequestInit = {}): Promise<Response> {
    return await fetch(`${server.http}/files/${fileId}`, { headers: headersOf(options), ...init });
  }
  return Object.assign(server, { post, upload, kept, get });
}

/** What a refusal says, with its status. */
export async function refusal(response: Response) {
  return { status: response.status, ...((await response.json()) as { reason: string; message: string }) };
}

/** A PDF with one page for each content stream. A stream may be deflated already. */
export function pdf(
  streams: readonly (string | Buffer)[],
  over: { catalog?: string; encrypt?: string } = {},
): Buffer<ArrayBuffer> {
  const pages = streams.map((_, index) => `${4 + 2 * index} 0 R`).join(" ");
  const objects: (string | Buffer)[][] = [
    [`<< /Type /Catalog /Pages 2 0 R ${over.catalog ?? ""} >>`],
    [`<< /Type /Pages /Kids [${pages}] /Count ${streams.length} >>`],
    ["<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"],
    ...streams.flatMap((stream, index) => {
      const bytes = typeof stream === "string" ? deflateSync(stream) : stream;
      const resources = "/Resources << /Font << /F1 3 0 R >> >>";
      return [
        [`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] ${resources} /Contents ${5 + 2 * index} 0 R >>`],
        [`<< /Length ${bytes.length} /Filter /FlateDecode >>\nstream\n`, bytes, "\nendstream"],
      ];
    }),
  ];
  const offsets: number[] = [];
  let body = Buffer.from("%PDF-1.4\n");
  for (const [index, parts] of objects.entries()) {
    offsets.push(body.length);
    body = Buffer.concat([body, ...[`${index + 1} 0 obj\n`, ...parts, "\nendobj\n"].map((part) => Buffer.from(part))]);
  }
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const trailer = `<< /Size ${objects.length + 1} /Root 1 0 R ${over.encrypt ?? ""} >>`;
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n${trailer}\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.concat([body, Buffer.from(table)]);
}

/** The content stream of a page with these lines. */
export function textPage(...lines: string[]): string {
  return `BT /F1 12 Tf 72 720 Td ${lines.map((line) => `(${line}) Tj 0 -14 Td`).join(" ")} ET`;
}

/** The beginning of a PNG with this size. */
export function png(width: number, height: number): Buffer<ArrayBuffer> {
  const header = Buffer.alloc(33);
  header.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  header.writeUInt32BE(width, 16);
  header.writeUInt32BE(height, 20);
  header.set([8, 2], 24);
  return header;
}

export function gif(width: number, height: number): Buffer<ArrayBuffer> {
  const header = Buffer.from("GIF89a\0\0\0\0\0\0\0", "latin1");
  header.writeUInt16LE(width, 6);
  header.writeUInt16LE(height, 8);
  return header;
}

/** A JPEG whose size comes after these segments. */
export function jpeg(width: number, height: number, segments: readonly Buffer[] = []): Buffer<ArrayBuffer> {
  const frame = Buffer.from([0xff, 0xc0, 0, 17, 8, 0, 0, 0, 0, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments, frame, Buffer.from([0xff, 0xda, 0, 2])]);
}

/** A segment of a JPEG, such as its EXIF data. */
export function segment(marker: number, bytes: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(bytes.length + 2, 2);
  return Buffer.concat([head, bytes]);
}

/** The three forms of a WebP's header. */
export function webp(form: "VP8 " | "VP8L" | "VP8X", width: number, height: number): Buffer<ArrayBuffer> {
  const file = Buffer.alloc(40);
  file.write("RIFF\x20\0\0\0WEBP", 0, "latin1");
  file.write(form, 12, "latin1");
  if (form === "VP8X") {
    file.writeUIntLE(width - 1, 24, 3);
    file.writeUIntLE(height - 1, 27, 3);
  } else if (form === "VP8L") {
    file[20] = 0x2f;
    file.writeUInt32LE((((height - 1) << 14) | (width - 1)) >>> 0, 21);
  } else {
    file.writeUIntBE(0x9d012a, 23, 3);
    file.writeUInt16LE(width, 26);
    file.writeUInt16LE(height, 28);
  }
  return file;
}

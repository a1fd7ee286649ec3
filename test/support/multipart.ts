export interface Part {
  name: string;
  contentType: string;
  data: Buffer;
}

/** The parts of a `multipart/form-data` body. Throws if it is malformed. */
export function parseMultipart(body: Buffer, contentType: string): Part[] {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!boundary) throw new Error(`no boundary in ${contentType}`);
  const parts: Part[] = [];
  const delimiter = `--${boundary}`;
  let at = body.indexOf(delimiter);
  while (at >= 0) {
    const start = at + delimiter.length;
    if (body.subarray(start, start + 2).toString() === "--") return parts;
    const headersEnd = body.indexOf("\r\n\r\n", start);
    at = body.indexOf(`\r\n${delimiter}`, headersEnd + 2);
    if (headersEnd < 0 || at < 0) break;
    parts.push(part(body.subarray(start, headersEnd).toString(), body.subarray(headersEnd + 4, at)));
    at += 2;
  }
  throw new Error(`multipart body without its end after ${parts.length} parts`);
}

function part(headers: string, data: Buffer): Part {
  const name = /content-disposition:.*?\bname="([^"]*)"/i.exec(headers)?.[1];
  const contentType = /content-type: *(.*)/i.exec(headers)?.[1]?.trim() ?? "";
  if (name === undefined) throw new Error(`multipart part without a name: ${headers}`);
  const length = /length=(\d+)/.exec(contentType)?.[1];
  if (length && Number(length) !== data.length) throw new Error(`part ${name}: ${data.length} bytes, said ${length}`);
  return { name, contentType, data };
}

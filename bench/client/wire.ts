import { randomBytes } from "node:crypto";
import { connect } from "node:net";

/** A minimal WebSocket, so that the client costs little: text frames only, without checks. */
export interface Wire {
  send(text: string): void;
  close(): void;
}

const empty = Buffer.alloc(0);

export function wire(url: string, receive: (text: string) => void): Promise<Wire> {
  const { hostname, port, pathname, search } = new URL(url);
  const { promise, resolve, reject } = Promise.withResolvers<Wire>();
  const socket = connect(Number(port), hostname);
  let rest: Buffer = empty;
  let isOpen = false;
  socket.setNoDelay(true);
  socket.write(
    `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  socket.on("error", reject);
  socket.on("close", () => reject(new Error(`The connection to ${url} was closed.`)));
  socket.on("data", (data: Buffer) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    if (!isOpen) {
      const end = rest.indexOf("\r\n\r\n");
      if (end < 0) return;
      if (!rest.toString("latin1", 0, 12).endsWith("101")) return reject(new Error(rest.toString("latin1", 0, end)));
      isOpen = true;
      rest = rest.subarray(end + 4);
      resolve({ send: (text) => socket.write(masked(text)), close: () => socket.destroy() });
    }
    rest = frames(rest, receive);
  });
  return promise;
}

/** Passes on the complete frames and returns the remaining bytes. */
function frames(data: Buffer, receive: (text: string) => void): Buffer {
  let at = 0;
  while (data.length - at >= 2) {
    const opcode = (data[at] ?? 0) & 15;
    const short = (data[at + 1] ?? 0) & 127;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (data.length - at < header) break;
    const length =
      short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
    if (data.length - at < header + length) break;
    if (opcode === 1) receive(data.toString("utf8", at + header, at + header + length));
    at += header + length;
  }
  return at === data.length ? empty : data.subarray(at);
}

/** A client frame with a mask of zeros, which leaves the payload unchanged. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const { length } = payload;
  const header = Buffer.alloc(length < 126 ? 6 : 8);
  header[0] = 0x81;
  header[1] = 0x80 | (length < 126 ? length : 126);
  if (length >= 126) header.writeUInt16BE(length, 2);
  return Buffer.concat([header, payload]);
}

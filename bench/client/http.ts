import { connect } from "node:net";

/** A minimal keep-alive HTTP connection, so that the client costs little: JSON requests, one at a time. */
export interface Http {
  /** `onPart` gets a streamed body part by part, including the chunk framing. A body of known length is returned. */
  post(path: string, body: object, onPart?: (text: string) => void): Promise<string>;
  close(): void;
}

const endOfHead = "\r\n\r\n";
const lastChunk = "\r\n0\r\n\r\n";

export async function http(url: string): Promise<Http> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay(true).setEncoding("latin1");
  const opened = Promise.withResolvers<void>();
  let fail: (error: Error) => void = opened.reject;
  let receive = (_text: string) => {};
  socket.once("connect", opened.resolve);
  socket.on("error", (error) => fail(error));
  socket.on("close", () => fail(new Error(`The connection to ${url} was closed.`)));
  socket.on("data", (text: string) => receive(text));
  await opened.promise;
  return {
    post(path, body, onPart = () => {}) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const json = JSON.stringify(body);
      const read = responseReader(onPart);
      fail = reject;
      receive = (text) => {
        const whole = read(text);
        if (whole?.status === "200") resolve(whole.body);
        else if (whole) reject(new Error(`${url}${path} answered ${whole.status}: ${whole.body}`));
      };
      socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: application/json\r\n` +
          `Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
      );
      return promise;
    },
    close() {
      fail = () => {};
      socket.destroy();
    },
  };
}

/** Returns the status and body once the response is complete; for a streamed body, only its last characters. */
function responseReader(onPart: (text: string) => void) {
  let status = "";
  let length = Number.NaN;
  let rest = "";
  return (text: string): { status: string; body: string } | undefined => {
    rest += text;
    if (status === "") {
      const end = rest.indexOf(endOfHead);
      if (end < 0) return undefined;
      const head = rest.slice(0, end);
      status = head.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length);
      length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? Number.NaN);
      rest = rest.slice(end + endOfHead.length);
      onPart(rest);
    } else onPart(text);
    const isStreamed = Number.isNaN(length);
    const isWhole = isStreamed ? rest.endsWith(lastChunk) : rest.length >= length;
    if (isWhole) return { status, body: rest };
    if (isStreamed && status === "200") rest = rest.slice(-lastChunk.length);
    return undefined;
  };
}

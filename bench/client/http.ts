import { connect } from "node:net";

/** A kept-alive HTTP connection as cheap as it gets, as `wire` is for WebSockets: JSON up, one request at a time. */
export interface Http {
  /** `hear` gets a streamed body part by part, with the framing of its chunks; one of known length is what it resolves to. */
  post(path: string, body: object, hear?: (text: string) => void): Promise<string>;
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
    post(path, body, hear = () => {}) {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const json = JSON.stringify(body);
      const take = response(hear);
      fail = reject;
      receive = (text) => {
        const whole = take(text);
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

/** Takes what arrives; returns the status and the body, or of a streamed one its last characters, once it is whole. */
function response(hear: (text: string) => void) {
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
      hear(rest);
    } else hear(text);
    const isStreamed = Number.isNaN(length);
    const isWhole = isStreamed ? rest.endsWith(lastChunk) : rest.length >= length;
    if (isWhole) return { status, body: rest };
    if (isStreamed && status === "200") rest = rest.slice(-lastChunk.length);
    return undefined;
  };
}

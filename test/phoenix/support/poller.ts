export interface Answer {
  status: number;
  token?: string;
  messages?: string[];
}

/** A minimal long poll client. */
export function poller(port: number, query = "vsn=2.0.0") {
  const url = `http://127.0.0.1:${port}/socket/longpoll?${query}`;

  async function ask(options: RequestInit & { token?: string } = {}): Promise<Answer> {
    const { token, ...init } = options;
    const response = await fetch(token === undefined ? url : `${url}&token=${token}`, init);
    return JSON.parse(await response.text());
  }

  async function open(): Promise<string> {
    const { token } = await ask();
    if (token === undefined) throw new Error("no session was opened");
    return token;
  }

  const post = (token: string, frames: unknown[]) =>
    postBody(token, frames.map((frame) => (typeof frame === "string" ? frame : JSON.stringify(frame))).join("\n"));

  const postBody = (token: string, body: string, type = "application/x-ndjson") =>
    ask({ token, method: "POST", body, headers: { "content-type": type } });

  /** Polls once and returns the decoded frames. */
  async function frames(token: string): Promise<unknown[]> {
    const { messages = [] } = await ask({ token });
    return messages.map((message) => JSON.parse(message));
  }

  return { url, ask, open, post, postBody, frames };
}

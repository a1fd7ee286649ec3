import { tokenLength, wordBegins, words } from "../programs/model-tokens.ts";
import { type Http, http } from "./http.ts";

/** A conversation with any of the measured servers. The channel's `Conversation` is one too. */
export interface Chat {
  ask(pace: Pace): { ended: Promise<void> };
  close(): void;
}

interface Pace {
  tokens: number;
}

/** `progress` is called with the number of characters of each part of an answer. */
export type OpenChat = (url: string, progress?: (characters: number) => void) => Promise<Chat>;

let chats = 0;

/** Like the AI SDK's `useChat`: every request contains the whole conversation. */
export const aiSdkChat: OpenChat = async (url, progress) => {
  const connection = await http(url);
  const messages: object[] = [];
  const say = (role: string, text: string) =>
    messages.push({ id: crypto.randomUUID(), role, parts: [{ type: "text", text }] });
  return chat(connection, progress, (pace) => {
    say("user", question(pace));
    const body = { id: "bench", trigger: "submit-message", messages: [...messages] };
    say("assistant", words(pace.tokens));
    return { path: "/chat", body };
  });
};

export const threadChat: OpenChat = async (url, progress) => {
  const connection = await http(url);
  chats += 1;
  const thread_id = `bench-${chats}`;
  return chat(connection, progress, (pace) => ({ path: "/chat", body: { thread_id, message: question(pace) } }));
};

/** The API of LangGraph's server. */
export const langGraphChat: OpenChat = async (url, progress) => {
  const connection = await http(url);
  const { thread_id } = JSON.parse(await connection.post("/threads", {}));
  return chat(connection, progress, (pace) => {
    const input = { messages: [{ role: "user", content: question(pace) }] };
    const body = { assistant_id: "chat", input, stream_mode: ["messages-tuple"] };
    return { path: `/threads/${thread_id}/runs/stream`, body };
  });
};

function question(pace: Pace): string {
  return `bench ${JSON.stringify(pace)}`;
}

function chat(
  connection: Http,
  progress: (characters: number) => void = () => {},
  request: (pace: Pace) => { path: string; body: object },
): Chat {
  async function ended(pace: Pace): Promise<void> {
    const { path, body } = request(pace);
    const expected = words(pace.tokens).length;
    let characters = 0;
    let rest = "";
    await connection.post(path, body, (part) => {
      const text = rest + part;
      const more = (text.split(wordBegins).length - 1) * tokenLength;
      rest = text.slice(1 - wordBegins.length);
      characters += more;
      if (more > 0) progress(more);
    });
    if (characters !== expected) throw new Error(`${characters} of ${expected} characters arrived from ${path}.`);
  }

  return { ask: (pace) => ({ ended: ended(pace) }), close: connection.close };
}

import { type Wire, wire } from "./wire.ts";

type Payload = Record<string, unknown>;

/** A minimal Phoenix client: pushes, and waits for replies. */
export interface Client {
  push(topic: string, event: string, payload: object): Promise<Payload>;
  /** Sets the listener for a topic's events. */
  listen(topic: string, listener: (event: string, payload: Payload) => void): void;
  close(): void;
}

export async function client(url: string): Promise<Client> {
  const replies = new Map<string, (payload: Payload) => void>();
  const listeners = new Map<string, (event: string, payload: Payload) => void>();
  let refs = 0;
  const connection: Wire = await wire(url, (text) => {
    const [, ref, topic, event, payload] = JSON.parse(text);
    if (ref === null) return listeners.get(topic)?.(event, payload);
    replies.get(ref)?.(payload);
    replies.delete(ref);
  });
  return {
    push(topic, event, payload) {
      const { promise, resolve, reject } = Promise.withResolvers<Payload>();
      refs += 1;
      replies.set(String(refs), (reply) =>
        reply.status === "error" ? reject(new Error(JSON.stringify(reply))) : resolve(reply),
      );
      connection.send(JSON.stringify(["1", String(refs), topic, event, payload]));
      return promise;
    },
    listen: (topic, listener) => void listeners.set(topic, listener),
    close: () => connection.close(),
  };
}

/** What has arrived of a turn so far. */
export interface Turn {
  /** Characters and frames of the answer. */
  characters: number;
  frames: number;
  first: Promise<void>;
  replied: Promise<void>;
  ended: Promise<void>;
}

export interface AskOptions {
  /** Sends this message and lets the router choose the engine. It may end with a pace for the model server. */
  routed?: string;
}

/** A joined conversation. */
export interface Conversation {
  ask(pace: object, options?: AskOptions): Turn;
  /** Ends the running turn. */
  stop(): void;
  close(): void;
}

let conversations = 0;

export function freshTopic(): string {
  conversations += 1;
  return `conversation:bench-${process.pid}-${conversations}`;
}

/** Connects and joins a new conversation. `progress` is called for every delta. */
export async function conversation(
  url: string,
  progress?: (characters: number, text: string) => void,
  engine = "simple",
): Promise<Conversation> {
  const socket = await client(url);
  const topic = freshTopic();
  let onDelta = (_text: string) => {};
  let onEnd = (_event: string, _payload: Payload) => {};
  socket.listen(topic, (event, payload) => {
    if (event === "response_delta") onDelta(String(payload.text));
    else if (event === "response" || event === "error") onEnd(event, payload);
  });
  await socket.push(topic, "phx_join", {});
  return {
    ask(pace, { routed }: AskOptions = {}) {
      const first = Promise.withResolvers<void>();
      const ended = Promise.withResolvers<void>();
      const content = routed ?? `bench ${JSON.stringify(pace)}`;
      const turn = { characters: 0, frames: 0, first: first.promise, ended: ended.promise, replied: Promise.resolve() };
      onDelta = (text) => {
        if (turn.frames === 0) first.resolve();
        turn.frames += 1;
        turn.characters += text.length;
        progress?.(text.length, text);
      };
      onEnd = (event, payload) =>
        event === "error" ? ended.reject(new Error(JSON.stringify(payload))) : ended.resolve();
      const options = routed ? {} : { engine };
      turn.replied = socket.push(topic, "message", { content, options }).then(() => {});
      return turn;
    },
    stop: () => void socket.push(topic, "stop", {}),
    close: socket.close,
  };
}

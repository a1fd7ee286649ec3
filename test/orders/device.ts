import { type Client, type Conversation, connect, type Payload } from "../support/client.ts";
import { line } from "./line.ts";

/** A client's cursor. */
export interface Cursor {
  turn_id: string;
  offset?: number;
}

/** A device with a cursor shows reasoning, too. */
export type Kind = "cursor" | "plain";

/** One join: the number of events and join replies received before it, and its cursor. */
interface Join {
  events: number;
  replies: number;
  cursor: Cursor | undefined;
}

export interface Device {
  name: string;
  kind: Kind;
  client: Client;
  conversation: Conversation;
  joins: Join[];
  /** False while its connection is cut. */
  isUp: boolean;
  hasLeft: boolean;
  cut(): void;
  /** Cuts the connection before the next push arrives, or after. */
  cutAround(push: () => void, arrives: boolean): Promise<void>;
  /** Restores the connection. Resolves when it has rejoined and got what it missed. */
  back(): Promise<void>;
  /** Resolves at the next rejoin that was not caused by `back`. */
  rejoined(): Promise<void>;
  leave(): Promise<void>;
  close(): Promise<void>;
}

const impatient = { reconnectAfterMs: () => 10, rejoinAfterMs: () => 20 };

/** A device of user-a that joins the conversation over its own connection. */
export async function device(serverUrl: () => string, id: string, name: string, kind: Kind): Promise<Device> {
  const way = await line(serverUrl);
  const client = await connect(way.url, { apiKey: "key-a", socketOptions: impatient });
  const joins: Join[] = [];
  let joined: Conversation | undefined;
  const conversation = await client.join(id, () => {
    const cursor = joined && kind === "cursor" ? cursorOf({ conversation: joined, joins }) : undefined;
    joins.push({ events: joined?.events.length ?? 0, replies: joined?.joins.length ?? 0, cursor });
    return { ...(cursor && { resume: cursor }), preferences: { include_reasoning: kind === "cursor" } };
  });
  joined = conversation;
  await conversation.next("presence_state");

  const self: Device = {
    name,
    kind,
    client,
    conversation,
    joins,
    isUp: true,
    hasLeft: false,
    cut() {
      self.isUp = false;
      way.cut();
    },
    async cutAround(push, arrives) {
      const gone = new Promise<void>((resolve) => client.socket.onClose(() => resolve()));
      self.isUp = false;
      if (arrives) way.cutBehindNext();
      push();
      if (!arrives) way.cut();
      await gone;
    },
    async back() {
      way.mend();
      await self.rejoined();
      self.isUp = true;
    },
    async rejoined() {
      await conversation.next("presence_state");
    },
    async leave() {
      await conversation.leave();
      self.hasLeft = true;
    },
    async close() {
      self.isUp = false;
      client.socket.disconnect();
      await way.close();
    },
  };
  return self;
}

/** What a device has seen: in mid-turn the offset in its text, otherwise the turn that ended last, also by a reset. */
function cursorOf(device: Pick<Device, "conversation" | "joins">): Cursor | undefined {
  let inside: Required<Cursor> | undefined;
  let ended: string | undefined;
  let session: string | undefined;

  function enter(next: string | undefined): void {
    if (next === undefined || next === session) return;
    session = next;
    ended = inside?.turn_id ?? ended;
    inside = undefined;
  }

  const sessions = device.joins.map(({ events }, index) => ({ events, session: sessionOf(device, index) }));
  for (const [index, { event, payload }] of device.conversation.events.entries()) {
    const { turn_id } = payload;
    for (const join of sessions) if (join.events === index) enter(join.session);
    if (event === "conversation_reset") enter(payload.session_id);
    if (event === "response_delta") inside = { turn_id, offset: payload.offset + payload.text.length };
    if (event === "thinking" && payload.stage !== "queued" && inside?.turn_id !== turn_id)
      inside = { turn_id, offset: 0 };
    if (!isEnd(event, payload)) continue;
    ended = turn_id;
    // Turns run one at a time, so the end of one that ran implies the end of the one before, even if that was replaced.
    const hasRun = event === "error" || payload.conversation_type !== null;
    if (inside?.turn_id === turn_id || hasRun) inside = undefined;
  }
  return inside ?? (ended === undefined ? undefined : { turn_id: ended });
}

export function isEnd(event: string, { turn_id }: Payload): boolean {
  return turn_id !== undefined && (event === "response" || event === "error");
}

/** The session in a join's reply; undefined if there was no reply. */
export function sessionOf(
  { conversation, joins }: Pick<Device, "conversation" | "joins">,
  index: number,
): string | undefined {
  const [join, next] = joins.slice(index, index + 2);
  if (!join || next?.replies === join.replies) return undefined;
  return conversation.joins[join.replies]?.session_id;
}

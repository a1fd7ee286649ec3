import type { Client, Conversation } from "../support/client.ts";

/** What a device has seen of a turn. */
export interface Seen {
  text: string;
  /** Its terminal events. */
  ends: { response?: string; status: "completed" | "stopped" | "failed"; code?: string; isAgain: boolean }[];
  /** Its questions without an answer, as far as the device knows. */
  open: Map<string, unknown>;
}

/** A device that reconnects, with a cursor or without. It keeps what it has seen, and what was wrong with it. */
export class Device {
  readonly isPlain: boolean;
  readonly turns = new Map<string, Seen>();
  readonly wrong: string[] = [];
  #client: Client | undefined;
  #conversation: Conversation | undefined;
  #read = 0;
  /** The turn whose events came last. */
  #last: string | undefined;

  constructor(isPlain: boolean) {
    this.isPlain = isPlain;
  }

  get conversation(): Conversation {
    if (!this.#conversation) throw new Error("The device is not connected.");
    return this.#conversation;
  }

  async connect(connect: () => Promise<Client>, id: string): Promise<void> {
    await this.leave();
    this.#client = await connect();
    const resume = this.isPlain ? undefined : this.#cursor();
    for (const { open } of this.turns.values()) open.clear(); // what is open is told again
    this.#conversation = await this.#client.join(id, resume ? { resume } : {});
    await this.#conversation.next("presence_state");
    this.read();
  }

  async leave(): Promise<void> {
    if (this.#conversation) this.read();
    await this.#client?.close();
    this.#client = undefined;
    this.#conversation = undefined;
    this.#read = 0;
  }

  #cursor() {
    const seen = this.#last === undefined ? undefined : this.turns.get(this.#last);
    if (!seen || this.#last === undefined) return undefined;
    return { turn_id: this.#last, ...(seen.ends.length === 0 && { offset: seen.text.length }) };
  }

  /** Takes in the events that have come. */
  read(): void {
    for (const { event, payload } of this.conversation.events.slice(this.#read)) {
      this.#read += 1;
      if (payload.turn_id === undefined || payload.stage === "queued") continue;
      this.#take(event, payload);
    }
  }

  #take(event: string, payload: Conversation["events"][number]["payload"]): void {
    const { turn_id } = payload;
    const seen: Seen = this.turns.get(turn_id) ?? { text: "", ends: [], open: new Map() };
    this.turns.set(turn_id, seen);
    const isQueuedEnd = event === "response" && payload.conversation_type === null;
    if (!isQueuedEnd) this.#last = turn_id;
    if (event === "response_delta") {
      if (payload.restart) seen.text = "";
      if (payload.offset !== seen.text.length) this.wrong.push(`${turn_id}: a gap at ${seen.text.length}`);
      seen.text += payload.text;
    }
    if (event === "input_requested") {
      if (seen.open.size > 0) this.wrong.push(`${turn_id}: asked while it asks`);
      for (const { interrupt_id, value } of payload.requests) seen.open.set(interrupt_id, value);
    }
    if (event === "input_answered") for (const id of payload.interrupt_ids) seen.open.delete(id);
    if (event !== "response" && event !== "error") return;
    const { metadata } = payload;
    const isAgain = payload.redelivered === true || metadata?.redelivered === true;
    const { response } = payload;
    seen.open.clear();
    if (event === "error") seen.ends.push({ status: "failed", code: payload.details.code, isAgain });
    else seen.ends.push({ response, status: metadata?.stopped ? "stopped" : "completed", isAgain });
    if (event === "response" && !response.startsWith(seen.text))
      this.wrong.push(`${turn_id}: shown ${JSON.stringify(seen.text)}, ended ${JSON.stringify(response)}`);
  }

  /** The open questions that the device knows of. */
  questions(): { turn_id: string; interrupt_id: string }[] {
    this.read();
    return [...this.turns].flatMap(([turn_id, { open }]) =>
      [...open.keys()].map((interrupt_id) => ({ turn_id, interrupt_id })),
    );
  }
}

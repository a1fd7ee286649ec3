import { Viewer } from "../../src/channel/viewer.ts";
import { type ClusterBus, clusterBus } from "../../src/cluster/bus.ts";
import type { Member } from "../../src/phoenix/channel.ts";
import type { Turn } from "../../src/store/turns.ts";
import { logger } from "../../src/telemetry/log.ts";
import { type Live, live } from "../../src/turns/live.ts";
import type { PastStore } from "../../src/turns/missed.ts";
import { terminalEvent } from "../../src/turns/terminal-event.ts";
import { restartsOf } from "../../src/turns/waiting.ts";

export const conversationId = "c";

/** Messages between nodes. They can be lost, and connections too. */
export class Wires {
  readonly #lines = new Map<string, { isUp: boolean; listeners: Map<string, Set<(message: string) => void>> }>();
  readonly #handlers = new Map<string, Set<() => void>>();
  /** So many of the next deliveries to a node are lost, although it stays connected. */
  readonly losses = new Map<string, number>();

  line(node: string) {
    const own = { isUp: true, listeners: new Map<string, Set<(message: string) => void>>() };
    const handlers = new Set<() => void>();
    this.#lines.set(node, own);
    this.#handlers.set(node, handlers);
    return {
      get isUp() {
        return own.isUp;
      },
      publish: async (channel: string, message: string) => {
        if (!own.isUp) throw new Error("no connection");
        return [...this.#lines.keys()].filter((to) => this.#deliver(to, channel, message)).length;
      },
      async subscribe(channel: string, listener: (message: string) => void) {
        own.listeners.set(channel, (own.listeners.get(channel) ?? new Set()).add(listener));
      },
      unsubscribe: (channel: string, listener: (message: string) => void) =>
        void own.listeners.get(channel)?.delete(listener),
      onConnected(handler: () => void) {
        handlers.add(handler);
        return () => void handlers.delete(handler);
      },
    };
  }

  #deliver(to: string, channel: string, message: string): boolean {
    const line = this.#lines.get(to);
    const listeners = line?.listeners.get(channel);
    if (!line?.isUp || !listeners?.size) return false;
    const lost = this.losses.get(to) ?? 0;
    this.losses.set(to, Math.max(0, lost - 1));
    if (lost > 0) return true;
    queueMicrotask(() => {
      for (const listener of line.isUp ? listeners : []) listener(message);
    });
    return true;
  }

  cut(node: string): void {
    const line = this.#lines.get(node);
    if (line) line.isUp = false;
  }

  mend(node: string): void {
    const line = this.#lines.get(node);
    if (!line || line.isUp) return;
    line.isUp = true;
    for (const handler of this.#handlers.get(node) ?? []) handler();
  }

  remove(node: string): void {
    this.#lines.delete(node);
  }
}

/** What all nodes have in common: the turns, and how they ended. */
export class Truth {
  readonly turns: Turn[] = [];
  readonly ended: Turn[] = [];

  begin(query: string): Turn {
    const seq = this.turns.length + 1;
    const turn: Turn = {
      id: `turn-${seq}`,
      conversationId,
      sessionId: "s",
      userId: "u",
      request: { query, context: {}, options: {}, preferences: {}, sampling: [] },
      seq,
      status: "running",
      attempt: 1,
      crashes: 0,
      acceptedAt: "",
      isSuperseded: false,
      wasSent: false,
    };
    this.turns.push(turn);
    return turn;
  }

  end(turn: Turn, response: string): Turn {
    const outcome = {
      status: "completed" as const,
      response,
      conversationType: "simple",
      routedTo: "simple_conversation",
      metadata: {},
      timestamp: "",
    };
    Object.assign(turn, { status: "completed", outcome });
    this.ended.push(turn);
    return turn;
  }

  get store(): PastStore {
    const find = async (_conversation: string, id: string) => this.turns.find((turn) => turn.id === id);
    return {
      conversations: {
        conversation: async (id) => ({ id, owner: "u", sessionId: "s", context: {} }),
      },
      deliveries: {
        lastEnd: async () => this.ended.length,
        endsSince: async (_id, position) =>
          this.ended.slice(position).map(({ id }, index) => ({ turnId: id, position: position + index + 1 })),
      },
      history: { turn: find, reasoning: async () => undefined },
      turns: { steps: async () => new Map() },
      toolCalls: { told: async () => new Map() },
      waits: { waiting: async () => undefined, of: async () => undefined },
    };
  }
}

interface Pushed {
  event: string;
  payload: Record<string, unknown>;
}

/** A node with one member that stays, and sees what a client would see. */
export class BusNode {
  readonly id: string;
  readonly bus: ClusterBus;
  readonly live: Live;
  readonly seen: Pushed[] = [];
  /** The turns that had begun when its member joined. */
  knownAtJoin = 0;
  readonly #truth: Truth;
  readonly #wires: Wires;

  constructor(id: string, wires: Wires, truth: Truth) {
    this.id = id;
    this.#truth = truth;
    this.#wires = wires;
    const nodes = { id, onGone: () => () => {}, onNew: () => () => {} };
    this.bus = clusterBus({ redis: wires.line(id), nodes, log: logger("silent") });
    this.live = live(this.bus);
    this.bus.connect(this.live, truth.store);
  }

  /** A member joins, as the channel does it. */
  async join(): Promise<void> {
    const push = (event: string, payload: unknown) => void this.seen.push({ event, payload: Object(payload) });
    const member = { push, share: push, congested: false, topic: "", stop() {}, crash() {}, whenWritable() {} };
    const history = { turn: this.#truth.store.history.turn, reasoning: async () => undefined };
    const services = { store: { history }, deliveries: { acknowledged() {}, async markSent() {} } };
    const viewer = new Viewer(services, member as Member<unknown> & typeof member, conversationId);
    this.knownAtJoin = this.#truth.turns.length;
    this.live.watch(conversationId, viewer);
    await this.bus.joined(conversationId);
    viewer.open([], () => {
      const running = this.live.running(conversationId);
      if (running) viewer.catchUp(running, undefined);
    });
  }

  /** Runs an attempt of a turn. */
  run(turn: Turn): Run {
    const unfollow = this.live.follow(conversationId);
    const { id: turnId, attempt, request } = turn;
    let restarts = restartsOf(turn, undefined);
    let text = "";
    const publish: ClusterBus["publish"] = (conversation, event) => this.bus.publish(conversation, event);
    publish(conversationId, { type: "began", turnId, attempt, query: request.query, restarts });
    return {
      turn,
      node: this,
      say(piece) {
        publish(conversationId, { type: "text", turnId, restarts, offset: text.length, text: piece });
        text += piece;
      },
      restart() {
        restarts += 1;
        text = "";
      },
      end: () => {
        const said = this.live.running(conversationId)?.answer.text() ?? "";
        const ended = this.#truth.end(turn, said);
        if (ended.outcome)
          publish(conversationId, {
            type: "ended",
            turnId,
            terminal: terminalEvent(ended, ended.outcome),
            isSent: true,
          });
        unfollow();
      },
    };
  }

  kill(): void {
    this.#wires.cut(this.id);
    this.#wires.remove(this.id);
    this.bus.close();
  }
}

export interface Run {
  turn: Turn;
  node: BusNode;
  say(text: string): void;
  /** A fallback begins anew. */
  restart(): void;
  end(): void;
}

/** What a client that stays makes of a turn's events. Throws if they leave a gap, or if something follows on the end. */
export function shownOf(turnId: string, seen: readonly Pushed[]): { text: string; ends: number } {
  let text = "";
  let ends = 0;
  for (const { event, payload } of seen.filter((one) => one.payload.turn_id === turnId)) {
    if (ends > 0) throw new Error(`${event} after the end of ${turnId}`);
    if (event === "response") ends += 1;
    if (event !== "response_delta") continue;
    if (payload.restart === true) text = "";
    if (payload.offset !== text.length) throw new Error(`${turnId}: offset ${payload.offset} after ${text.length}`);
    text += String(payload.text);
  }
  return { text, ends };
}

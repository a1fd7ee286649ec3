import { Grouped } from "../grouped.ts";
import type { Elsewhere } from "../phoenix/presence.ts";
import type { Log } from "../telemetry/log.ts";
import { type Bus, type Command, memoryBus } from "../turns/bus.ts";
import type { Live } from "../turns/live.ts";
import { markOf, missedSince, type PastStore } from "../turns/missed.ts";
import { type Counters, counters } from "./counters.ts";
import { inTurns } from "./in-turns.ts";
import { read, written } from "./letters.ts";
import { Link } from "./link.ts";
import type { Nodes } from "./nodes.ts";
import type { Office } from "./office.ts";
import type { Redis } from "./redis.ts";
import { Unheard } from "./unheard.ts";

const tickMs = 1_000;

/** Conversations whose missed turns are looked up in the store at the same time. */
const maxLookups = 8;

/** After a reconnect, so many conversations are asked for at once. */
const reconnectedAtOnce = 200;

const commandChannel = "commands";

export interface ClusterBus extends Bus {
  readonly counters: Counters;
  readonly elsewhere: Elsewhere;
  /** Until then, nothing is heard of other nodes. */
  connect(live: Pick<Live, "running">, store: PastStore): void;
  close(): void;
}

interface Parts {
  redis: Pick<Redis, "publish" | "subscribe" | "unsubscribe" | "onConnected" | "isUp">;
  nodes: Pick<Nodes, "id" | "onGone" | "onNew">;
  log: Log;
}

/** Carries events and commands to the other nodes as well. Listeners of this node hear at once, whatever happens to Redis. */
export function clusterBus({ redis, nodes, log }: Parts): ClusterBus {
  const here = memoryBus(log);
  const links = new Map<string, Link>();
  /** By node: the conversations that it listened to when it was gone. */
  const left = new Map<string, string[]>();
  const unheard = new Unheard();
  const count = counters();
  const lookUp = inTurns(maxLookups);
  let office: Office | undefined;
  let numbers = 0;

  function channelOf(conversationId: string): string {
    return `conversation:${conversationId}`;
  }

  async function publish(channel: string, message: string): Promise<number> {
    count.published += 1;
    count.publishedUnits += message.length;
    return await redis.publish(channel, message);
  }

  /** For what is not part of a link. */
  function single(body: Parameters<typeof written>[0]["body"]): string {
    return written({ from: nodes.id, link: 0, n: 0, body });
  }

  function tellSingle(conversationId: string, body: Parameters<typeof written>[0]["body"]): void {
    publish(channelOf(conversationId), single(body)).catch(() => unheard.add(conversationId));
  }

  const listeners = new Grouped<string, object>();
  const hearers = new Map<string, (message: string) => void>();

  function open(conversationId: string): void {
    if (!office || links.has(conversationId)) return;
    const link = new Link(office, conversationId);
    links.set(conversationId, link);
    const hear = (message: string) => {
      count.received += 1;
      count.receivedUnits += message.length;
      const letter = read(message);
      if (letter) link.hear(letter);
    };
    hearers.set(conversationId, hear);
    void redis.subscribe(channelOf(conversationId), hear).then(() => {
      if (links.get(conversationId) === link) link.connected();
    });
  }

  function close(conversationId: string): void {
    const link = links.get(conversationId);
    const hear = hearers.get(conversationId);
    links.delete(conversationId);
    hearers.delete(conversationId);
    if (hear) redis.unsubscribe(channelOf(conversationId), hear);
    if (link && !link.close()) unheard.add(conversationId);
  }

  async function reconnected(): Promise<void> {
    for (const conversationId of unheard.take()) tellSingle(conversationId, { type: "check" });
    const ids = [...links.keys()];
    const isRunning = (id: string) => office?.running(id) !== undefined;
    const ordered = [...ids.filter(isRunning), ...ids.filter((id) => !isRunning(id))];
    for (let at = 0; at < ordered.length; at += reconnectedAtOnce) {
      for (const id of ordered.slice(at, at + reconnectedAtOnce)) links.get(id)?.connected();
      await new Promise(setImmediate);
    }
  }

  const forgetConnected = redis.onConnected(() => void reconnected());
  const forgetGone = nodes.onGone((node) => {
    const lost = [...links].flatMap(([conversationId, link]) => (link.gone(node) ? [conversationId] : []));
    if (lost.length > 0) left.set(node, lost);
  });
  const forgetNew = nodes.onNew((node) => {
    for (const conversationId of left.get(node) ?? []) links.get(conversationId)?.again();
    left.delete(node);
  });
  const ticking = setInterval(() => {
    unheard.tick();
    for (const link of links.values()) link.tick();
  }, tickMs);
  ticking.unref();

  function obey(message: string): void {
    const letter = read(message);
    if (letter?.body.type === "command" && letter.from !== nodes.id) here.send(letter.body.command);
  }
  void redis.subscribe(commandChannel, obey);

  return {
    counters: count,
    elsewhere: {
      tell: (conversationId, state) => links.get(conversationId)?.tellPresent(state),
      of: (conversationId) => links.get(conversationId)?.presentElsewhere ?? [],
    },
    connect(live, store) {
      office = {
        nodeId: nodes.id,
        counters: count,
        nextNumber: () => ++numbers,
        isUp: () => redis.isUp,
        publish: (conversationId, message) => publish(channelOf(conversationId), message),
        tell: here.publish,
        obey: here.send,
        running: live.running,
        past: {
          ends: store.deliveries.endsSince,
          mark: (conversationId) => markOf(store, conversationId),
          since: (conversationId, mark, known) => missedSince(store, conversationId, mark, known),
        },
        queued: lookUp,
      };
    },
    publish(conversationId, event) {
      here.publish(conversationId, event);
      const link = links.get(conversationId);
      if (link) link.said(event);
      else if (event.type !== "abandoned") tellSingle(conversationId, { type: "events", events: [event] });
      if (event.type === "ended" || event.type === "reset" || event.type === "answered") unheard.said(conversationId);
    },
    subscribe(conversationId, listener) {
      here.subscribe(conversationId, listener);
      listeners.add(conversationId, listener);
      open(conversationId);
    },
    unsubscribe(conversationId, listener) {
      here.unsubscribe(conversationId, listener);
      listeners.delete(conversationId, listener);
      if (!listeners.has(conversationId)) close(conversationId);
    },
    joined: async (conversationId) => (await links.get(conversationId)?.joined()) ?? [],
    told: (conversationId, end) => links.get(conversationId)?.told(end),
    isHeardElsewhere: (conversationId) => links.get(conversationId)?.isHeard ?? false,
    send(command: Command) {
      here.send(command);
      if (command.type === "look") publish(commandChannel, single({ type: "command", command })).catch(() => {});
      if (command.type !== "stop") return; // a turn runs where it was accepted
      const { conversationId } = command;
      const link = links.get(conversationId);
      if (link) link.command(command);
      else tellSingle(conversationId, { type: "command", command });
    },
    onCommand: here.onCommand,
    close() {
      clearInterval(ticking);
      for (const forget of [forgetConnected, forgetGone, forgetNew]) forget();
      redis.unsubscribe(commandChannel, obey);
      for (const conversationId of [...links.keys()]) close(conversationId);
    },
  };
}

import { unfit } from "../../../src/phoenix/wire/serializer.ts";

export type Json = null | string | number | boolean | Json[] | { [key: string]: Json };

/** What a client sends, decoded: everything that the protocol looks at. */
export interface SentFrame {
  joinRef: Json;
  ref: Json;
  topic: Json;
  event: Json;
  /** What the test's channel does with a join. */
  isHeld: boolean;
  isDenied: boolean;
  isDeep: boolean;
}

/** `[join_ref, ref, topic, event, payload]` */
export type Answer = [Json, Json, Json, string, object];

interface Waiting extends SentFrame {
  topic: string;
}

/** One join of a topic, until it is replaced or ends. */
interface Generation {
  joinRef: Json;
  given: Json;
  ref: Json;
  isPending: boolean;
  isDenied: boolean;
  isLeaving: boolean;
  isHandling: boolean;
  waiting: Waiting[];
  replaced: Generation[];
}

export interface ModelLimits {
  channels: number;
  pendingMessages: number;
  keptUnits: number;
}

const ok = { status: "ok", response: {} };
const error = (response: object) => ({ status: "error", response });
const refusal = (reason: string, message: string) => error({ reason, message, details: { code: reason } });
const lengthOf = (field: Json) => (typeof field === "string" ? field : JSON.stringify(field)).length;
const same = (a: Json, b: Json) => JSON.stringify(a) === JSON.stringify(b);

/**
 * A small model of a socket: computes the frames that the server must answer with. The test's channel knows the events `held` (answered
 * when it is released), `boom`, `stop`, and answers all others.
 */
export function socketModel(limits: ModelLimits, isRoutable: (topic: string) => boolean) {
  const members = new Map<string, Generation>();
  /** Joins and messages that wait for a release, in order, of each topic. */
  const held = new Map<string, { generation: Generation; message?: Waiting }[]>();
  let answers: Answer[] = [];
  let joining = 0;

  const say = (joinRef: Json, ref: Json, topic: Json, payload: object) =>
    answers.push([joinRef, ref, topic, "phx_reply", payload]);
  const unmatched = ({ ref, topic }: SentFrame) => say(null, ref, topic, error({ reason: "unmatched topic" }));

  function hold(topic: string, generation: Generation, message?: Waiting): void {
    const others = held.get(topic);
    if (others) others.push({ generation, message });
    else held.set(topic, [{ generation, message }]);
  }

  function receive(frame: SentFrame): void {
    const { joinRef, ref, topic, event } = frame;
    if (topic === "phoenix" && event === "heartbeat") say(null, ref, topic, ok);
    else if (event === "phx_join") join(frame);
    else if (typeof topic === "string" && members.has(topic)) message({ ...frame, topic });
    else if (event === "phx_leave") say(joinRef, ref, topic, ok);
    else unmatched(frame);
  }

  function refusalOf({ joinRef, ref, topic, isDeep }: SentFrame, isNew: boolean): object | undefined {
    if (joining >= limits.channels || (isNew && members.size >= limits.channels))
      return { reason: "too many channels joined" };
    if (isDeep) return { reason: "invalid_payload", message: unfit };
    const isLong = [topic, joinRef, ref].some((kept) => lengthOf(kept) > limits.keptUnits);
    return isLong ? { reason: "invalid_payload", message: "The topic or a ref is too long." } : undefined;
  }

  function join(frame: SentFrame): void {
    const { joinRef, ref, topic, isHeld, isDenied } = frame;
    if (typeof topic !== "string" || !isRoutable(topic)) {
      unmatched(frame);
      return;
    }
    const current = members.get(topic);
    const refused = refusalOf(frame, !current);
    if (refused) {
      say(joinRef, ref, topic, error(refused));
      return;
    }
    const generation: Generation = {
      joinRef: joinRef ?? ref,
      given: joinRef,
      ref,
      isPending: isHeld,
      isDenied,
      isLeaving: false,
      isHandling: false,
      waiting: [],
      replaced: current ? [...current.replaced, current] : [],
    };
    members.set(topic, generation);
    joining += 1;
    if (isHeld) hold(topic, generation);
    else settle(topic, generation);
  }

  function settle(topic: string, generation: Generation): void {
    joining -= 1;
    if (members.get(topic) !== generation) return;
    generation.isPending = false;
    if (generation.isDenied) members.delete(topic);
    say(generation.given, generation.ref, topic, generation.isDenied ? error({ reason: "denied" }) : ok);
    for (const old of generation.replaced) answers.push([old.joinRef, old.given, topic, "phx_close", {}]);
    generation.replaced = [];
    if (generation.isDenied) for (const frame of generation.waiting.splice(0)) receive(frame);
    else work(topic, generation);
  }

  function message(frame: Waiting): void {
    const { topic, joinRef, ref, event } = frame;
    const generation = members.get(topic);
    if (!generation || generation.isLeaving || !(joinRef === null || same(joinRef, generation.joinRef))) return;
    if (event === "phx_leave") generation.isLeaving = true;
    else if (generation.waiting.length >= limits.pendingMessages) {
      say(generation.joinRef, ref, topic, refusal("busy", "Too many messages are waiting in this channel."));
      return;
    }
    generation.waiting.push(frame);
    if (!generation.isPending) work(topic, generation);
  }

  function work(topic: string, generation: Generation): void {
    while (members.get(topic) === generation && !generation.isHandling) {
      const next = generation.waiting.shift();
      if (!next) return;
      handle(topic, generation, next);
    }
  }

  function handle(topic: string, generation: Generation, frame: Waiting): void {
    const { event, ref, isDeep } = frame;
    const reply = (payload: object) => void say(generation.joinRef, ref, topic, payload);
    if (event === "phx_leave") {
      reply(ok);
      end(topic, generation, "phx_close", {});
    } else if (typeof event !== "string") reply(refusal("unknown_event", "The event must be a string."));
    else if (isDeep) reply(refusal("invalid_payload", unfit));
    else if (event === "boom") end(topic, generation, "phx_error", { reason: "channel_crash" });
    else if (event === "stop") end(topic, generation, "phx_close", {});
    else if (event === "held") {
      generation.isHandling = true;
      hold(topic, generation, frame);
    } else reply(ok);
  }

  function end(topic: string, generation: Generation, event: string, payload: object): void {
    answers.push([generation.joinRef, generation.given, topic, event, payload]);
    members.delete(topic);
    for (const frame of generation.waiting.splice(0)) receive(frame);
  }

  function answer(topic: string, generation: Generation, { ref }: Waiting): void {
    generation.isHandling = false;
    if (members.get(topic) !== generation) return;
    say(generation.joinRef, ref, topic, ok);
    work(topic, generation);
  }

  return {
    receive,
    /** The `join_ref` of the current membership. */
    joinRefOf: (topic: string): Json => members.get(topic)?.joinRef ?? "none",
    /** The oldest join or message of the topic that waits is answered. */
    release(topic: string): void {
      const next = held.get(topic)?.shift();
      if (!next) return;
      const { generation, message } = next;
      if (!message) settle(topic, generation);
      else answer(topic, generation, message);
    },
    /** The answers since the last call. */
    answers(): Answer[] {
      const all = answers;
      answers = [];
      return all;
    },
  };
}

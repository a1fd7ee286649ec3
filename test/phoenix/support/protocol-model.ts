interface Waiting {
  event: string;
  joinRef: string | null;
  ref: string;
}

/** One join of a topic, until it is replaced or ends. */
interface Generation {
  joinRef: string;
  pending: boolean;
  denied: boolean;
  leaving: boolean;
  inHand?: string;
  waiting: Waiting[];
  replaced: string[];
}

const ok = { status: "ok", response: {} };
const error = (reason: string) => ({ status: "error", response: { reason } });

/** A small model of the channel protocol: computes the frames that the server must send for each command. */
export function protocol() {
  const joined = new Map<string, Generation>();
  /** Pending joins and messages of each topic, in the order in which they are released. */
  const held = new Map<string, { generation: Generation; ref?: string }[]>();
  const frames: unknown[] = [];
  const reply = (joinRef: string | null, ref: string, topic: string, payload: object) =>
    frames.push([joinRef, ref, topic, "phx_reply", payload]);
  const hold = (topic: string, generation: Generation, ref?: string) =>
    held.set(topic, [...(held.get(topic) ?? []), { generation, ref }]);

  function answerJoin(topic: string, generation: Generation) {
    generation.pending = false;
    if (generation.denied) joined.delete(topic);
    reply(generation.joinRef, generation.joinRef, topic, generation.denied ? error("denied") : ok);
    for (const old of generation.replaced.splice(0)) frames.push([old, old, topic, "phx_close", {}]);
    if (generation.denied) redispatchWaiting(topic, generation);
    else work(topic, generation);
  }

  function redispatchWaiting(topic: string, { waiting }: Generation) {
    for (const frame of waiting.splice(0)) send(topic, frame);
  }

  function end(topic: string, generation: Generation, event: string, payload: object) {
    frames.push([generation.joinRef, generation.joinRef, topic, event, payload]);
    joined.delete(topic);
    redispatchWaiting(topic, generation);
  }

  function work(topic: string, generation: Generation) {
    while (joined.get(topic) === generation && !generation.pending && generation.inHand === undefined) {
      const next = generation.waiting.shift();
      if (!next) return;
      if (next.event === "phx_leave") {
        reply(generation.joinRef, next.ref, topic, ok);
        end(topic, generation, "phx_close", {});
      } else if (next.event === "boom") end(topic, generation, "phx_error", { reason: "channel_crash" });
      else if (next.event === "stop") end(topic, generation, "phx_close", {});
      else if (next.event === "held") {
        generation.inHand = next.ref;
        hold(topic, generation, next.ref);
      } else reply(generation.joinRef, next.ref, topic, ok);
    }
  }

  function send(topic: string, frame: Waiting) {
    const current = joined.get(topic);
    if (!current) {
      if (frame.event === "phx_leave") reply(frame.joinRef, frame.ref, topic, ok);
      else reply(null, frame.ref, topic, error("unmatched topic"));
    } else if ((frame.joinRef === null || frame.joinRef === current.joinRef) && !current.leaving) {
      if (frame.event === "phx_leave") current.leaving = true;
      current.waiting.push(frame);
      work(topic, current);
    }
  }

  return {
    joined,
    join(topic: string, joinRef: string, pending: boolean, denied: boolean) {
      const old = joined.get(topic);
      const replaced = old ? [...old.replaced, old.joinRef] : [];
      const generation = { joinRef, pending, denied, leaving: false, waiting: [], replaced };
      joined.set(topic, generation);
      if (pending) hold(topic, generation);
      else answerJoin(topic, generation);
    },
    send,
    release(topic: string) {
      const next = held.get(topic)?.shift();
      if (!next || joined.get(topic) !== next.generation) return;
      if (next.ref === undefined) answerJoin(topic, next.generation);
      else {
        next.generation.inHand = undefined;
        reply(next.generation.joinRef, next.ref, topic, ok);
        work(topic, next.generation);
      }
    },
    heard: () => frames.splice(0),
  };
}

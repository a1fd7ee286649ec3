/** A set of listeners. Adding or removing one while the others are being called takes effect with the next call. */
export function listenerSet<Payload = void>() {
  let all: readonly ((payload: Payload) => void)[] = [];
  return {
    /** Returns a function that removes it. The same function may be added twice. */
    add(listener: (payload: Payload) => void): () => void {
      const entry = (payload: Payload) => listener(payload);
      all = [...all, entry];
      return () => {
        all = all.filter((other) => other !== entry);
      };
    },
    tell(payload: Payload): void {
      for (const listener of all) listener(payload);
    },
  };
}

/** Listeners by event. */
export function listenersOf<Events extends object>() {
  const sets: { [Event in keyof Events]?: ReturnType<typeof listenerSet<Events[Event]>> } = {};

  function of<Event extends keyof Events>(event: Event) {
    const known = sets[event] ?? listenerSet<Events[Event]>();
    sets[event] = known;
    return known;
  }

  return {
    on: <Event extends keyof Events>(event: Event, listener: (payload: Events[Event]) => void): (() => void) =>
      of(event).add(listener),
    tell: <Event extends keyof Events>(event: Event, payload: Events[Event]): void => of(event).tell(payload),
  };
}

export type On<Events extends object> = ReturnType<typeof listenersOf<Events>>["on"];
export type Tell<Events extends object> = ReturnType<typeof listenersOf<Events>>["tell"];

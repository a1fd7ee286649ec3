/** Listeners by event. A listener that is added or removed while an event is told does not count for that event. */
export function listenersOf<Events extends object>() {
  const all: { [Event in keyof Events]?: ReadonlySet<(payload: Events[Event]) => void> } = {};

  return {
    on<Event extends keyof Events>(event: Event, listener: (payload: Events[Event]) => void): () => void {
      const entry = (payload: Events[Event]) => listener(payload); // the same function may be added twice
      all[event] = new Set(all[event]).add(entry);
      return () => {
        const rest = new Set(all[event]);
        rest.delete(entry);
        all[event] = rest;
      };
    },
    tell<Event extends keyof Events>(event: Event, payload: Events[Event]): void {
      for (const listener of all[event] ?? []) listener(payload);
    },
  };
}

export type Tell<Events> = <Event extends keyof Events>(event: Event, payload: Events[Event]) => void;

import { type Store, StoreBusy } from "../../../src/store/store.ts";

const ports = ["conversations", "turns", "waits", "checkpoints", "toolCalls", "history", "deliveries"] as const;

/** One node's way to a store that it shares with other nodes, and that may be cut. */
export function fragileStore(store: Store) {
  let isAway = false;

  function guarded<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get(target, name) {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return async (...given: unknown[]) => {
          if (isAway) throw new StoreBusy("The database is away.");
          return await method.apply(target, given);
        };
      },
    });
  }

  const guardedPorts = Object.fromEntries(ports.map((name) => [name, guarded(store[name])]));
  return {
    store: { ...store, ...guardedPorts, isShared: true } satisfies Store,
    /** From now on, every operation is refused. */
    cut(): void {
      isAway = true;
    },
    mend(): void {
      isAway = false;
    },
  };
}

import { isObject } from "../json.ts";

/** What LangGraph keeps of a task that asks: it gives answers in the order in which `interrupt` is called. */
interface Scratchpad {
  interruptCounter: number;
}

/** The places of answers that recorded calls have used, by the task that the calls belong to. */
const taken = new WeakMap<Scratchpad, Set<number>>();

/** Keeps the answers at these places from other calls of the task: the call that they were for does not ask again. Returns the places. */
export function take(config: unknown, places: unknown): number[] {
  const scratchpad = scratchpadOf(config);
  if (!scratchpad || !Array.isArray(places)) return [];
  const known = taken.get(scratchpad) ?? new Set();
  for (const place of places) known.add(place);
  taken.set(scratchpad, known);
  return places;
}

/** The same configuration for one call. `places` gets the place of each answer that the call asks for. */
export function withPlaces<Config>(config: Config, places: number[]): Config {
  const scratchpad = scratchpadOf(config);
  if (!scratchpad) return config;
  const own: Scratchpad = Object.create(scratchpad, {
    interruptCounter: {
      get: () => scratchpad.interruptCounter,
      set(next: number) {
        let place = next;
        while (taken.get(scratchpad)?.has(place)) place += 1;
        scratchpad.interruptCounter = place;
        places.push(place);
      },
    },
  });
  const { configurable } = config as { configurable: object }; // it has a scratchpad
  return { ...config, configurable: { ...configurable, [key]: own } };
}

const key = "__pregel_scratchpad";

function scratchpadOf(config: unknown): Scratchpad | undefined {
  const configurable = isObject(config) ? config.configurable : undefined;
  return isObject(configurable) ? (configurable[key] as Scratchpad | undefined) : undefined;
}

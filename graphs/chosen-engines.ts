import { type ConversationType, conversationTypes, engines } from "./engines.ts";

/** A line of the registry. */
export type Engine = {
  routedTo: string;
  when: string;
  graph: (typeof engines)[ConversationType]["graph"];
  examples?: readonly string[];
  off?: boolean;
};

/** The engines of one server, by conversation type. */
export type Engines = Readonly<Record<string, Engine>>;

const registry: Engines = engines;

/** The engines that are on: `+name` switches one on, `-name` off. Later changes count. */
export function chosenEngines(changes: readonly string[] = []): Engines {
  const on = new Set<string>(conversationTypes.filter((type) => !registry[type]?.off));
  for (const change of changes) {
    if (change.startsWith("+")) on.add(change.slice(1));
    else on.delete(change.slice(1));
  }
  return Object.fromEntries(Object.entries(registry).filter(([type]) => on.has(type)));
}

/** What is wrong with such changes, as a sentence; undefined if they are fine. */
export function engineProblem(changes: readonly string[]): string | undefined {
  const unknown = changes.map((change) => change.slice(1)).filter((type) => !Object.hasOwn(registry, type));
  if (unknown.length > 0) return `there is no engine ${unknown.join(", ")}; there are ${conversationTypes.join(", ")}`;
  return Object.keys(chosenEngines(changes)).length > 0 ? undefined : "at least one engine has to stay on";
}

/** Whether a prompt is used: not, if it belongs to an engine that is off. Its name begins with the engine's, or with its `routedTo`. */
export function usesPrompt(changes: readonly string[]): (name: string) => boolean {
  const engines = chosenEngines(changes);
  return (name) => {
    const owner = name.split(".", 1)[0]?.replaceAll("-", "_");
    const isOwned = ([type, { routedTo }]: [string, Engine]) => type === owner || routedTo === owner;
    return !Object.entries(registry).some(isOwned) || Object.entries(engines).some(isOwned);
  };
}

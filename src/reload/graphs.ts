import { type Brain, brainOf } from "../../graphs/brain.ts";
import { declarations, restoreDeclarations } from "../../graphs/prompt.ts";
import type { Log } from "../telemetry/log.ts";
import { listeners } from "./listeners.ts";
import { watchFolder } from "./watch.ts";

/** The graphs in use. A running turn keeps the graphs that it started with. */
export interface Graphs {
  current(): Brain;
  /** Why the saved files could not be loaded; null if they are in use. */
  fault(): string | null;
  /** Calls back after each save, valid or not. Returns a function that ends this. */
  watch(changed: () => void): () => void;
  close(): void;
}

/** Graphs that never change. `engines` are changes as in `chosenEngines`. */
export function fixedGraphs(engines: readonly string[]): Graphs {
  const brain = brainOf(engines);
  return { current: () => brain, fault: () => null, watch: () => () => {}, close() {} };
}

/**
 * Graphs that are loaded again after each save; invalid files are ignored. Needs `node --import ./src/reload/hooks.ts`. Node never unloads
 * modules, so each save takes some memory.
 */
export async function hotGraphs(engines: readonly string[], log: Log): Promise<Graphs> {
  const { invalidate, versioned } = await import("./hooks.ts");
  const folder = new URL("../../graphs/", import.meta.url);
  const entry = new URL("brain.ts", folder).href;
  const watchers = listeners(log);
  let current = brainOf(engines);
  let fault: string | null = null;
  let loading = Promise.resolve();

  async function load(files: readonly string[]): Promise<void> {
    invalidate(files.map((file) => new URL(file, folder).href));
    const began = performance.now();
    const declared = declarations();
    try {
      const loaded: { brainOf: typeof brainOf } = await import(versioned(entry));
      const brain = loaded.brainOf(engines);
      check(brain);
      current = brain;
      fault = null;
      log.info({ files, ms: Math.round(performance.now() - began) }, "graphs reloaded");
    } catch (error) {
      fault = describe(error, folder);
      restoreDeclarations(declared);
      log.error({ files, fault }, "a graph could not be loaded; the last good graphs stay in use");
    }
    watchers.notify();
  }

  function changed(files: string[]): void {
    const sources = files.filter((file) => /\.(?:ts|json)$/.test(file));
    if (sources.length > 0) loading = loading.then(() => load(sources));
  }

  const close = watchFolder(folder, changed, { recursive: true });
  return {
    current: () => current,
    fault: () => fault,
    watch: watchers.add,
    close,
  };
}

/** Throws if an export is missing. */
function check({ conversation, condense, engines }: Brain): void {
  if (!conversation || typeof condense !== "function" || Object.values(engines).some(({ graph }) => !graph)) {
    throw new Error("brainOf in brain.ts has to return conversation, condense and engines, each with a graph.");
  }
}

/** The error with its place, such as `simple.ts:12: SyntaxError: Unexpected token`. */
function describe(error: unknown, folder: URL): string {
  if (!(error instanceof Error)) return String(error);
  const places = (error.stack ?? "").match(/file:\/\/[^\s)]+?\.ts(?:\?version=\d+)?(?::\d+)?/g) ?? [];
  const [place] = places.filter((found) => found.startsWith(folder.href) && /:\d+$/.test(found));
  const where = place?.slice(folder.href.length).replace(/\?version=\d+/, "");
  const [message] = error.message
    .replaceAll(/\?version=\d+/g, "")
    .replaceAll(folder.href, "")
    .split("\n\n", 1);
  return where ? `${where}: ${error.name}: ${message}` : `${error.name}: ${message}`;
}

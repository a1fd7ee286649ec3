import type { Brain } from "../../graphs/brain.ts";
import * as brain from "../../graphs/brain.ts";
import { declarations, restoreDeclarations } from "../../graphs/prompt.ts";
import type { Log } from "../telemetry/log.ts";
import { listeners } from "./listeners.ts";
import { watchFolder } from "./watch.ts";

/** The graphs that turns run with; a turn keeps those that it began with. */
export interface Graphs {
  current(): Brain;
  /** What is wrong with the files as they were last saved; the last good graphs are in use then. */
  fault(): string | null;
  /** Calls back when files were saved, whether they are sound or not; returns what ends that. */
  watch(changed: () => void): () => void;
  close(): void;
}

/** The graphs as they were at the start. */
export function fixedGraphs(): Graphs {
  return { current: () => brain, fault: () => null, watch: () => () => {}, close() {} };
}

/** The graphs as they were last saved without a fault; needs `hooks.ts` loaded by `node --import`. Modules are never unloaded: each save takes some memory. */
export async function hotGraphs(log: Log): Promise<Graphs> {
  const { renew, versioned } = await import("./hooks.ts");
  const folder = new URL("../../graphs/", import.meta.url);
  const entry = new URL("brain.ts", folder).href;
  const watching = listeners(log);
  let current: Brain = brain;
  let fault: string | null = null;
  let loading = Promise.resolve();

  async function load(files: readonly string[]): Promise<void> {
    renew(files.map((file) => new URL(file, folder).href));
    const began = performance.now();
    const declared = declarations();
    try {
      const loaded: Brain = await import(versioned(entry));
      check(loaded);
      current = loaded;
      fault = null;
      log.info({ files, ms: Math.round(performance.now() - began) }, "the graphs were read again");
    } catch (error) {
      fault = placeOf(error, folder);
      restoreDeclarations(declared);
      log.error({ files, fault }, "a changed graph is faulty: the last good graphs stay in use");
    }
    watching.tell();
  }

  function changed(files: string[]): void {
    const sources = files.filter((file) => /\.(?:ts|json)$/.test(file));
    if (sources.length > 0) loading = loading.then(() => load(sources));
  }

  const close = watchFolder(folder, changed, { recursive: true });
  return {
    current: () => current,
    fault: () => fault,
    watch: watching.add,
    close,
  };
}

/** Throws where a module lacks what turns run with. */
function check({ conversation, condense, engines }: Brain): void {
  if (!conversation || typeof condense !== "function" || Object.values(engines).some(({ graph }) => !graph)) {
    throw new Error("brain.ts has to export conversation, condense and engines, each with a graph.");
  }
}

/** What is wrong, and where: `simple.ts:12: Unexpected token`. */
function placeOf(error: unknown, folder: URL): string {
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

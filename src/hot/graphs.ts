import * as brain from "../../graphs/brain.ts";
import type { Log } from "../log.ts";
import { watchFolder } from "../watch.ts";

export type Brain = typeof brain;

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

/** The graphs as they were last saved without a fault; needs `hooks.ts` loaded by `node --import`. */
export async function hotGraphs(log: Log): Promise<Graphs> {
  const { renew, versioned } = await import("./hooks.ts");
  const folder = new URL("../../graphs/", import.meta.url);
  const entry = new URL("brain.ts", folder).href;
  const listeners = new Set<() => void>();
  let current: Brain = brain;
  let fault: string | null = null;
  let loading = Promise.resolve();

  async function load(files: readonly string[]): Promise<void> {
    renew(files.map((file) => new URL(file, folder).href));
    const began = performance.now();
    try {
      const loaded: Brain = await import(versioned(entry));
      loaded.conversation();
      current = loaded;
      fault = null;
      log.info({ files, ms: Math.round(performance.now() - began) }, "the graphs were read again");
    } catch (error) {
      fault = placeOf(error, folder);
      log.error({ files, fault }, "a changed graph is faulty: the last good graphs stay in use");
    }
    for (const listener of listeners) listener();
  }

  const close = watchFolder(folder, (files) => {
    const sources = files.filter((file) => /\.(?:ts|json)$/.test(file));
    if (sources.length > 0) loading = loading.then(() => load(sources));
  });
  return {
    current: () => current,
    fault: () => fault,
    watch(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    close,
  };
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

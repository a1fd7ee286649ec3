// Loaded into the server under soak test before its own program. Collects garbage on request, and reports what remains.
import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextLoop } from "node:timers/promises";

/** Resources of a process: memory in bytes, counts by kind, and CPU time in µs. */
export interface Holdings {
  cpu: number;
  heap: number;
  external: number;
  rss: number;
  handles: Record<string, number>;
  descriptors: Record<string, number>;
  listeners: Record<string, number>;
}

/** A dereferenced WeakRef keeps its target until the next iteration of the event loop, and finalizers free memory only at the next collection. */
async function collect(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    await nextLoop();
  }
}

function holdings(): Holdings {
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const listeners = process.eventNames().map((name) => [String(name), process.listenerCount(name)]);
  return {
    cpu: user + system,
    heap: heapUsed,
    external,
    rss,
    handles: counted(process.getActiveResourcesInfo()),
    descriptors: counted(readdirSync("/proc/self/fd").map(descriptorKind)),
    listeners: Object.fromEntries(listeners),
  };
}

/** Files by path, everything else by kind: `socket:[123]` becomes `socket`. */
function descriptorKind(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`).replace(/:\[\d+\]$/, "");
  } catch {
    return "the list itself";
  }
}

function counted(kinds: string[]): Record<string, number> {
  const groups = Map.groupBy(kinds.toSorted(), (kind) => kind);
  return Object.fromEntries([...groups].map(([kind, all]) => [kind, all.length]));
}

process.on("message", async () => {
  await collect();
  process.send?.(holdings());
});
process.on("disconnect", () => process.exit());
process.channel?.unref();

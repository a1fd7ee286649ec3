// Loaded into the soaked server before its own program: collects its garbage when asked, and tells what is left.
import { readdirSync, readlinkSync } from "node:fs";
import { setImmediate as nextLoop } from "node:timers/promises";

/** What a process holds, in bytes and in numbers by kind, and the µs of CPU that it has had. */
export interface Holdings {
  cpu: number;
  heap: number;
  external: number;
  rss: number;
  handles: Record<string, number>;
  descriptors: Record<string, number>;
  listeners: Record<string, number>;
}

/** What a weak reference has shown stays until the event loop goes round, and what a finalizer lets go until the next collection. */
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

/** A file by its path, all else by what it is: `socket:[123]` is a socket. */
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

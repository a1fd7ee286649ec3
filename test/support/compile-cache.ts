import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Shares Node's compile cache with every process that the tests start. */
const cache = process.env.NODE_COMPILE_CACHE ?? `${root}node_modules/.cache/node`;
process.env.NODE_COMPILE_CACHE = cache;

// A process stores what it has compiled when it exits by itself, but most servers of the tests are killed.
if (!existsSync(cache)) {
  const timeout = 60_000; // without the cache, the tests only start more slowly
  spawnSync(process.execPath, ["src/main.ts", "--help"], {
    cwd: root,
    stdio: "ignore",
    timeout,
    killSignal: "SIGKILL",
  });
}

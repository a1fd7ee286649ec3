// Preloaded into a server by `node --import`: each sync to disk takes `DISK_SYNC_MS` longer.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const longerMs = Number(process.env.DISK_SYNC_MS);
const { fdatasync } = fs;

Object.assign(fs, {
  fdatasync(descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) {
    setTimeout(() => fdatasync(descriptor, done), longerMs);
  },
});
syncBuiltinESMExports();

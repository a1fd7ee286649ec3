import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

/** Preloaded into a server by `node --import`: syncs to disk fail while the file `BROKEN_SYNC` exists. */
const real = fs.fdatasync;
const marker = process.env.BROKEN_SYNC ?? "";

fs.fdatasync = Object.assign(
  (descriptor: number, done: (error: NodeJS.ErrnoException | null) => void) => {
    if (fs.existsSync(marker)) setImmediate(done, Object.assign(new Error("EIO: i/o error"), { code: "EIO" }));
    else real(descriptor, done);
  },
  { __promisify__: real.__promisify__ },
);
syncBuiltinESMExports();

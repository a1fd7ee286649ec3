import { defineConfig } from "vitest/config";

import "../support/compile-cache.ts";

/** `npm run test:cluster`: several servers over Postgres and Redis. Two files at a time, since each runs three servers. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/cluster/**/*.test.ts"],
    exclude: ["test/cluster/**/*.long.test.ts"],
    globalSetup: ["test/cluster/support/services.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    maxWorkers: 2,
  },
});

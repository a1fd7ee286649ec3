import { defineConfig } from "vitest/config";

import "../support/compile-cache.ts";

/** Files that `npm run test:cluster` also runs, in a smaller size. */
const sized = "test/cluster/{kills,orders,partitions,pauses,rolling,services-lost}.test.ts";

/** `npm run test:cluster:long`: what takes more than a minute, one file at a time, since most of them measure times. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    env: { TEST_LONG: "1" },
    include: ["test/cluster/**/*.long.test.ts", sized],
    globalSetup: ["test/cluster/support/services.ts"],
    testTimeout: 1_800_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    maxWorkers: 1,
  },
});

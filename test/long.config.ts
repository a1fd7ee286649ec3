import { defineConfig } from "vitest/config";

/** The tests whose size is random or large, at their full size: `npm run test:long`. One file at a time, for they measure. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/reliability/**/*.test.ts", "test/orders/**/*.test.ts"],
    env: { TEST_LONG: "1" },
    testTimeout: 900_000,
    hookTimeout: 60_000,
    pool: "forks",
    fileParallelism: false,
  },
});

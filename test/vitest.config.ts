import { defineConfig } from "vitest/config";

/** Node keeps what it has compiled here, for every process that the tests start. */
process.env.NODE_COMPILE_CACHE ??= new URL("../node_modules/.cache/node", import.meta.url).pathname;

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/studio/**", "test/**/*.long.test.ts"],
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
  },
});

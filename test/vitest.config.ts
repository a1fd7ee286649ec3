import { availableParallelism } from "node:os";

import { defineConfig } from "vitest/config";

import "./support/compile-cache.ts";

/** LangSmith's client keeps retrying. A separate process per file ends that. */
const langsmith = "test/**/langsmith*.test.ts";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 10_000 } },
    pool: "forks",
    maxWorkers: Math.max(4, availableParallelism()), // many tests mostly wait
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/browser/**",
            "test/cluster/**",
            "test/deploy/**",
            "test/examples/**",
            "test/studio/**",
            "test/**/*.long.test.ts",
            langsmith,
          ],
          isolate: false,
        },
      },
      { extends: true, test: { name: "apart", include: [langsmith], exclude: ["test/**/*.long.test.ts"] } },
    ],
  },
});

import { defineConfig } from "vitest/config";

import "./support/compile-cache.ts";

/** Files that `npm test` runs too, in a smaller size: see `support/size.ts`. */
const sized = [
  "test/reliability/**/*.test.ts",
  "test/orders/**/*.test.ts",
  "test/client/network.test.ts",
  "test/phoenix/fuzz.test.ts",
  "test/memory.test.ts",
  "test/property.test.ts",
];

/** They measure times, or the memory of their own process. */
const measuring = "test/**/{hot-prompts,slow-reader,stop,times}.long.test.ts";

/** `npm run test:long`: the tests that are long, and the others' full size. Two at a time, and then alone those that measure. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    env: { TEST_LONG: "1" },
    testTimeout: 900_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "long",
          include: ["test/**/*.long.test.ts", ...sized],
          exclude: [measuring],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: "alone", include: [measuring], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});

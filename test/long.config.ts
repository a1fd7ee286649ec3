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

/** `npm run test:long`: the tests that are long, and the others' full size. One file at a time, since they measure. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.long.test.ts", ...sized],
    env: { TEST_LONG: "1" },
    testTimeout: 900_000,
    hookTimeout: 60_000,
    pool: "forks",
    fileParallelism: false,
  },
});

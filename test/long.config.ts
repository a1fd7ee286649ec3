import { defineConfig } from "vitest/config";

import "./support/compile-cache.ts";

/** Files that `npm test` also runs, in a smaller size: see `support/size.ts`. */
const sized = [
  "test/reliability/**/*.test.ts",
  "test/orders/**/*.test.ts",
  "test/evals/run.test.ts",
  "test/{backup,crash,langsmith}.test.ts",
  "test/conversation/{context-window,process,reasoning-restarts}.test.ts",
  "test/docs/commands.test.ts",
  "test/faults/{history,memory}.test.ts",
  "test/router/model-run.test.ts",
  "test/start/start.test.ts",
  "test/store/{migration,postgres,postgres-server,sqlite}.test.ts",
  "test/telemetry/{attempts,settings}.test.ts",
  "test/workbench/{replay,replay-command}.test.ts",
  "test/move/move.test.ts",
  "test/cluster-bus.test.ts",
  "test/client/network.test.ts",
  "test/client/store-property.test.ts",
  "test/phoenix/fuzz.test.ts",
  "test/phoenix/socket-model.test.ts",
  "test/memory.test.ts",
  "test/models/reader-properties.test.ts",
  "test/property.test.ts",
  "test/stock/{agents,any-order,crash,crash-points,lasting,refused,tools}.test.ts",
];

/** Tests that measure times, or the memory of their process. */
const measuring = "test/**/{adversarial,attacks,hot-prompts,slow-reader,stop,times}.long.test.ts";

/** `npm run test:long`: the long tests, and the full size of the others. Two files run at a time; then those that measure run alone. */
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
          exclude: [measuring, "test/cluster/**"],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        // A time that another program of the machine has spoilt is measured again.
        test: { name: "alone", include: [measuring], maxWorkers: 1, retry: 2, sequence: { groupOrder: 2 } },
      },
    ],
  },
});

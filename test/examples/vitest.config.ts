import { defineConfig } from "vitest/config";

/** The examples in a real browser, with the packed client. Needs Chromium at /usr/bin/chromium, or at the path in CHROMIUM. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/examples/**/*.test.ts"],
    globalSetup: ["test/examples/install.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    fileParallelism: false,
    isolate: false,
    bail: 3,
  },
});

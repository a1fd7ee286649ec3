import { defineConfig } from "vitest/config";

/** Needs Chromium at /usr/bin/chromium, or at the path in CHROMIUM. Uses Firefox at /usr/bin/firefox-esr, or at the path in FIREFOX, if it is there. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 15_000 } },
    pool: "forks",
    fileParallelism: false,
    isolate: false,
    bail: 3,
  },
});

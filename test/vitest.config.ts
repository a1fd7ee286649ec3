import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/studio/**"],
    testTimeout: 15_000,
    hookTimeout: 15_000,
    pool: "forks",
  },
});

import { defineConfig } from "vitest/config";

/** LangGraph's CLI over the scripted model server: `npm run test:studio`. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/studio/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 180_000,
    pool: "forks",
  },
});

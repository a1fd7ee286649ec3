import { defineConfig } from "vitest/config";

import { environmentWith } from "../src/settings/environment.ts";

process.env = environmentWith(".env", process.env);

/** For `npm run eval:langsmith`. Uses Vitest's reporter, since LangSmith's does not support Vitest 5. */
export default defineConfig({
  test: {
    root: new URL("..", import.meta.url).pathname,
    include: ["evals/*.eval.ts"],
    maxConcurrency: 4,
    testTimeout: 900_000,
    hookTimeout: 60_000,
    pool: "forks",
  },
});

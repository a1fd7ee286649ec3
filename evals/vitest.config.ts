import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";

if (existsSync(".env")) process.loadEnvFile(".env");
process.env.LANGCHAIN_CALLBACKS_BACKGROUND ??= "false";

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

import { defineConfig } from "vitest/config";

/** Needs root, and the Debian packages that `.ci/run` installs: buildah, debootstrap, runc, nginx-light, caddy, chromium. */
export default defineConfig({
  test: {
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/deploy/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 480_000,
    expect: { poll: { timeout: 20_000 } },
    pool: "forks",
    fileParallelism: false,
  },
});

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { firefox } from "playwright-core";
import { test } from "vitest";

/** Which Firefox the launcher starts. */
const path = process.env.FIREFOX ?? "/usr/bin/firefox-esr";
const launcher = fileURLToPath(new URL("firefox-launcher.ts", import.meta.url));

export const isInstalled = existsSync(path);
export const title = isInstalled ? "Firefox" : `Firefox, skipped: there is none at ${path}`;

/** `settings` are those of `about:config`. */
export function launch(settings: Record<string, boolean> = {}) {
  return firefox.launch({ channel: "moz-firefox", executablePath: launcher, firefoxUserPrefs: settings });
}

/** With one Firefox for all tests of a file. */
export const it = test.extend(
  "browser",
  { scope: "file" },
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  async ({}, { onCleanup }) => {
    const browser = await launch();
    onCleanup(() => browser.close());
    return browser;
  },
);

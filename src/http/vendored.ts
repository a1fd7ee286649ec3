import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { editorModules } from "./editor-modules.ts";

/** A file of a package, as served to the page. */
export interface Vendored {
  /** Below `/assets/`. */
  path: string;
  file: string;
  /** Appended to the file. Turns a script that only sets a global name into a module. */
  suffix: string;
}

const { resolve } = createRequire(import.meta.url);

/**
 * The modules that the page may import by name: the name, the file next to the package's entry and, for scripts that are not modules, the
 * code that turns them into one. Each is the package's own smallest build.
 */
const modules: [name: string, file: string, suffix?: string][] = [
  ["preact", "preact.mjs"],
  ["preact/hooks", "hooks.mjs"],
  ["htm", "htm.mjs"],
  ["@preact/signals", "signals.mjs"],
  ["@preact/signals-core", "signals-core.mjs"],
  ["marked", "marked.esm.js"],
  ["phoenix", "phoenix.min.js", "export const { Channel, LongPoll, Presence, Serializer, Socket } = Phoenix;"],
];

/** Where a module is served. */
function pathOf(name: string): string {
  return `vendor/${name.replace("@", "")}.js`;
}

/** The files of all packages. */
export function vendored(): Vendored[] {
  const highlight = join(dirname(resolve("@highlightjs/cdn-assets/package.json")), "es");
  const grammars = readdirSync(join(highlight, "languages")).filter((name) => name.endsWith(".min.js"));
  const whole = (path: string, file: string) => ({ path, file, suffix: "" });
  return [
    ...modules.map(([name, file, suffix = ""]) => ({
      path: pathOf(name),
      file: join(dirname(resolve(name)), file),
      suffix,
    })),
    ...editorModules().map(([name, file]) => whole(pathOf(name), file)),
    whole("vendor/highlight/core.min.js", join(highlight, "core.min.js")),
    ...grammars.map((name) => whole(`vendor/highlight/languages/${name}`, join(highlight, "languages", name))),
    whole("graph/mermaid.js", resolve("@mermaid-js/tiny")),
  ];
}

/** Where the modules with a name are served. */
export function namedModules(): Record<string, string> {
  const all = [...modules, ...editorModules()].map(([name]) => [name, `assets/${pathOf(name)}`]);
  return { ...Object.fromEntries(all), "conversation-channel-client": "assets/client/conversation.ts" };
}

/** The page's import map, with relative addresses, so that it works below any path prefix. */
export function importMap(): string {
  const addresses = Object.entries(namedModules()).map(([name, path]) => [name, `./${path}`]);
  return JSON.stringify({ imports: { ...Object.fromEntries(addresses), "highlight/": "./assets/vendor/highlight/" } });
}

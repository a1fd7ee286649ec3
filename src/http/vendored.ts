import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const { resolve } = createRequire(import.meta.url);

/** Files of packages that the page loads as they are, by their path below `/assets/`. */
export function vendored(): Map<string, string> {
  const highlight = join(dirname(resolve("@highlightjs/cdn-assets/package.json")), "es");
  const grammars = readdirSync(join(highlight, "languages")).filter((name) => name.endsWith(".min.js"));
  return new Map([
    ["vendor/highlight/core.min.js", join(highlight, "core.min.js")],
    ...grammars.map((name): [string, string] => [
      `vendor/highlight/languages/${name}`,
      join(highlight, "languages", name),
    ]),
    ["graph/mermaid.js", resolve("@mermaid-js/tiny")],
  ]);
}

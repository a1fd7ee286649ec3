import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { compactScripts } from "./compact-scripts.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** No inline scripts or styles, no other hosts, and only HTML that DOMPurify has cleaned. Content from users and models cannot run code. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'self'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types dompurify",
].join("; ");

/** Mermaid writes inline styles and HTML, so graphs are drawn in a sandboxed frame without an origin, a key or network access. */
const graphPolicy = [
  "sandbox allow-scripts",
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types default dompurify",
].join("; ");

const folder = fileURLToPath(new URL("../../playground", import.meta.url));
const client = fileURLToPath(new URL("../../packages/client", import.meta.url));

/** The smallest browser build of each library, straight from its package: no build step. */
function vendored(): [string, string][] {
  const { resolve } = createRequire(import.meta.url);
  const highlight = join(dirname(resolve("@highlightjs/cdn-assets/package.json")), "es");
  const grammars = readdirSync(join(highlight, "languages")).filter((name) => name.endsWith(".min.js"));
  return [
    ["phoenix.js", join(dirname(resolve("phoenix")), "phoenix.min.js")],
    ["marked.js", join(dirname(resolve("marked")), "marked.esm.js")],
    ["purify.js", join(dirname(resolve("dompurify")), "purify.min.js")],
    ["highlight/core.min.js", join(highlight, "core.min.js")],
    ...grammars.map((name): [string, string] => [`highlight/languages/${name}`, join(highlight, "languages", name)]),
    ["graph/mermaid.js", resolve("@mermaid-js/tiny")],
  ];
}

/** Paths of the files below `root`, with forward slashes for URLs. */
function filesIn(root: string): string[] {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, "/"));
}

/** The page at `/` and its files under `/assets/`. */
export function playground(): (path: string, response: ServerResponse) => Promise<boolean> {
  const files = new Map([
    ["/", join(folder, "index.html")],
    ...filesIn(folder).map((name): [string, string] => [`/assets/${name}`, join(folder, name)]),
    ...filesIn(client).map((name): [string, string] => [`/assets/client/${name}`, join(client, name)]),
    ...vendored().map(([name, path]): [string, string] => [`/assets/${name}`, path]),
  ]);
  const scripts = compactScripts();
  return async (path, response) => {
    const file = files.get(path);
    if (!file) return false;
    const isOwn = file.startsWith(folder) || file.startsWith(client);
    const body = isOwn && /\.[jt]s$/.test(file) ? await scripts(file) : await readFile(file);
    response.writeHead(200, {
      "content-type": types[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream",
      "content-security-policy": path.startsWith("/assets/graph/") ? graphPolicy : policy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    });
    response.end(body);
    return true;
  };
}

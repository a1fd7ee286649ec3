import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { text } from "./answers.ts";
import { pageBundle } from "./bundle/bundle.ts";
import { vendored } from "./vendored.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/**
 * No inline scripts or styles, no other hosts, and no HTML but single character references. Content from users and models cannot run
 * code.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:", // thumbnails of files, which are loaded with the key
  "base-uri 'none'",
  "form-action 'none'",
  "frame-src 'self'",
  "frame-ancestors 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types entities",
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

/** Next to the style sheets, since their URLs are relative. */
const allStyles = "styles/all.css";
const styleSheet = /<link rel="stylesheet" href="assets\/([^"]+)">\n? */g;
const script = `<script type="module" src="assets/main.ts"></script>`;

/** Paths of the files below `root` that are served as they are, with forward slashes for URLs. */
function filesIn(root: string): string[] {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, "/"))
    .filter((path) => /\.(?:html|css|svg)$/.test(path));
}

interface Log {
  error(fields: object, message: string): void;
}

/** The page at `/` and its files under `/assets/`. */
export function playground(log: Log): (path: string, response: ServerResponse) => Promise<boolean> {
  const own = filesIn(folder).map((path): [string, string] => [path, join(folder, path)]);
  const files = new Map([...own, ...vendored()]);

  async function bodyOf(path: string): Promise<Buffer | string | undefined> {
    if (path === "/") return page();
    if (!path.startsWith("/assets/")) return undefined;
    const asset = path.slice("/assets/".length);
    if (asset === allStyles) return styles();
    const file = files.get(asset);
    if (file) return readFile(file);
    if (!/\.[jt]s$/.test(asset)) return undefined;
    const { files: scripts } = await pageBundle();
    return Object.hasOwn(scripts, asset) ? scripts[asset] : undefined;
  }

  return async (path, response) => {
    let body: Buffer | string | undefined;
    try {
      body = await bodyOf(path);
    } catch (error) {
      log.error({ err: error }, "the page was not served; its scripts need rolldown, with its optional dependencies");
      text(response, 503, "The page cannot be served. The server's log says why.");
      return true;
    }
    if (body === undefined) return false;
    response.writeHead(200, {
      "content-type": types[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream",
      "content-security-policy": path.startsWith("/assets/graph/") ? graphPolicy : policy,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cache-control": path.startsWith("/assets/scripts/") ? "public, max-age=31536000, immutable" : "no-cache",
    });
    response.end(body);
    return true;
  };
}

/** index.html names its style sheets one by one, and its script. The style sheets are served as one, and the script bundled. */
async function page(): Promise<string> {
  const [source, { entry }] = await Promise.all([readFile(join(folder, "index.html"), "utf8"), pageBundle()]);
  const styleSheets = source.match(styleSheet) ?? [];
  return source
    .replace(styleSheets.join(""), `<link rel="stylesheet" href="assets/${allStyles}">\n    `)
    .replace(script, `<script type="module" src="assets/${entry}"></script>`);
}

async function styles(): Promise<string> {
  const source = await readFile(join(folder, "index.html"), "utf8");
  const paths = [...source.matchAll(styleSheet)].map(([, path = ""]) => join(folder, path));
  return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
}

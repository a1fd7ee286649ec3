import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { compactScripts } from "./compact-scripts.ts";
import { staticModules } from "./static-modules.ts";
import { importMap, namedModules, vendored } from "./vendored.ts";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".ts": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The import map, which takes the place of this comment in the page. Browsers only read inline ones. */
const modules = importMap();
const mapMark = "<!-- import map -->";

/**
 * No inline scripts but the import map, no inline styles, no other hosts, and no HTML but single character references.
 * Content from users and models cannot run code.
 */
const policy = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${createHash("sha256").update(modules).digest("base64")}'`,
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
const client = fileURLToPath(new URL("../../packages/client", import.meta.url));

/** Next to the style sheets, since their URLs are relative. */
const allStyles = "assets/styles/all.css";
const styleSheet = /<link rel="stylesheet" href="assets\/([^"]+)">\n? */g;

/** How long a page is used before it is made again, since its files may have changed. */
const pageMs = 1_000;

/** Paths of the files below `root`, with forward slashes for URLs. */
function filesIn(root: string): string[] {
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return found.map(({ parentPath, name }) => relative(root, join(parentPath, name)).replaceAll(sep, "/"));
}

/** The page at `/` and its files under `/assets/`. */
export function playground(): (path: string, response: ServerResponse) => Promise<boolean> {
  const libraries = new Map(vendored().map(({ path, ...library }) => [`/assets/${path}`, library]));
  const own = new Map([
    ["/", join(folder, "index.html")],
    ...filesIn(folder).map((name): [string, string] => [`/assets/${name}`, join(folder, name)]),
    ...filesIn(client)
      .filter((name) => name.endsWith(".ts") && !/^(?:dist|node_modules)\//.test(name))
      .map((name): [string, string] => [`/assets/client/${name}`, join(client, name)]),
  ]);
  const scripts = compactScripts();
  let made: { at: number; page: Promise<string> } | undefined;

  async function bodyOf(path: string): Promise<Buffer | string | undefined> {
    const library = libraries.get(path);
    if (library)
      return library.suffix ? `${await readFile(library.file, "utf8")}\n${library.suffix}` : readFile(library.file);
    if (path === `/${allStyles}`) return styles();
    const file = own.get(path);
    if (!file) return undefined;
    if (/\.[jt]s$/.test(file)) return scripts(file);
    return path === "/" ? latestPage() : readFile(file);
  }

  /** Anybody may ask for the page, and making it reads a hundred files: that happens at most once a second. */
  function latestPage(): Promise<string> {
    const now = performance.now();
    if (!made || now - made.at > pageMs) made = { at: now, page: page() };
    return made.page;
  }

  /** index.html lists its style sheets one by one; they are served as one, so that the page appears sooner. */
  async function page(): Promise<string> {
    const source = await readFile(join(folder, "index.html"), "utf8");
    const [first, ...others] = source.match(styleSheet) ?? [];
    const one = first?.replace(/href="[^"]*"/, `href="${allStyles}"`) ?? "";
    const withStyles = others.reduce((html, link) => html.replace(link, ""), source.replace(first ?? "", one));
    return withStyles.replace(mapMark, await modulesOfPage());
  }

  async function styles(): Promise<string> {
    const source = await readFile(join(folder, "index.html"), "utf8");
    const paths = [...source.matchAll(styleSheet)].map(([, path = ""]) => join(folder, path));
    return (await Promise.all(paths.map((path) => readFile(path, "utf8")))).join("\n");
  }

  /** Without preloads, the browser would discover modules one level of imports at a time. */
  async function modulesOfPage(): Promise<string> {
    const read = async (path: string) => (await bodyOf(`/${path}`))?.toString();
    const paths = await staticModules("assets/main.ts", read, namedModules());
    const preloads = paths.map((path) => `<link rel="modulepreload" href="${path}">`);
    return [`<script type="importmap">${modules}</script>`, ...preloads].join("\n");
  }

  return async (path, response) => {
    const body = await bodyOf(path);
    if (body === undefined) return false;
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

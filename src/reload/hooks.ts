// Loaded with `node --import` under `npm run dev`, before anything else, so that it sees every import of a file in graphs/.
import { registerHooks } from "node:module";

/** How often a file has changed, by URL. Each version is imported from its own URL, because Node caches modules by URL. */
const versions = new Map<string, number>();

/** The importers of each file, by URL without version. */
const importers = new Map<string, Set<string>>();

const folder = new URL("../../graphs/", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context);
    const url = plain(resolved.url);
    if (!url.startsWith(folder)) return resolved;
    const importer = context.parentURL && plain(context.parentURL);
    if (importer?.startsWith(folder)) importers.set(url, (importers.get(url) ?? new Set()).add(importer));
    return { ...resolved, url: versioned(url) };
  },
});

/** Gives these files, and all files that import them, a new version. */
export function invalidate(urls: readonly string[]): void {
  const changed = new Set(urls);
  for (const url of changed) for (const importer of importers.get(url) ?? []) changed.add(importer);
  for (const url of changed) versions.set(url, (versions.get(url) ?? 0) + 1);
}

/** The URL of a file's current version. */
export function versioned(url: string): string {
  const version = versions.get(url);
  return version === undefined ? url : `${url}?version=${version}`;
}

function plain(url: string): string {
  return url.split("?", 1)[0] ?? url;
}

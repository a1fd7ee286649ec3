// Loaded before everything else under `npm run dev` (`node --import`), so that it sees every import of a graph's file.
import { registerHooks } from "node:module";

/** How often a file has changed, by its URL; a file that has is loaded from a URL of its own. */
const versions = new Map<string, number>();

/** Who imports a file, by URLs without versions. */
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

/** From here on these files, and all that import them, are other modules than before. */
export function renew(urls: readonly string[]): void {
  const changed = new Set(urls);
  for (const url of changed) for (const importer of importers.get(url) ?? []) changed.add(importer);
  for (const url of changed) versions.set(url, (versions.get(url) ?? 0) + 1);
}

/** The URL that a file is loaded from now. */
export function versioned(url: string): string {
  const version = versions.get(url);
  return version === undefined ? url : `${url}?version=${version}`;
}

function plain(url: string): string {
  return url.split("?", 1)[0] ?? url;
}

import { readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";

const root = new URL("../../", import.meta.url);

/**
 * Runs in the server. Modules of `graphs/` that are also in the folder's `graphs/` are read from there. The others stay where they are, because
 * Node caches what it has compiled by its path: a server on a copy of the project takes half a second more to start.
 */
export function overlay(folder: string): void {
  const graphs = new URL("graphs/", root).href;
  const own = new Map(
    readdirSync(join(folder, "graphs")).map((name) => [`${graphs}${name}`, join(folder, "graphs", name)]),
  );
  registerHooks({
    resolve(specifier, context, next) {
      const url = specifier.startsWith(".") && context.parentURL ? new URL(specifier, context.parentURL).href : "";
      return own.has(url) ? { url, format: "module-typescript", shortCircuit: true } : next(specifier, context);
    },
    load(url, context, next) {
      const path = own.get(url);
      if (path === undefined) return next(url, context);
      return { source: readFileSync(path, "utf8"), format: "module-typescript", shortCircuit: true };
    },
  });
}

/** The `src/main.ts` of a folder whose server is the project's, but for the modules in the folder's `graphs/`. */
export function overlaid(folder: string): string {
  return `import { overlay } from ${JSON.stringify(import.meta.url)};
overlay(${JSON.stringify(folder)});
await import(${JSON.stringify(new URL("src/main.ts", root).href)});
`;
}

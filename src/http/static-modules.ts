import { posix } from "node:path";

const imported = /\bfrom\s*"([^"]+)"/g;

/**
 * The paths of a module and of everything it imports statically, so that the browser can request them at once. `read` resolves to a
 * module's code, or to undefined if there is none at a path; `named` maps bare module names to paths.
 */
export async function staticModules(
  entry: string,
  read: (path: string) => Promise<string | undefined>,
  named: Record<string, string>,
): Promise<string[]> {
  const paths = new Set([entry]);
  for (const path of paths) {
    const code = await read(path);
    if (code === undefined) paths.delete(path);
    for (const [, name = ""] of code?.matchAll(imported) ?? []) {
      const target = name.startsWith(".") ? posix.join(posix.dirname(path), name) : named[name];
      if (target) paths.add(target);
    }
  }
  return [...paths];
}

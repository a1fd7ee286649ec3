import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { overlaid } from "./overlay.ts";

/** The project with more engines. */
export interface ProjectWithEngines extends Disposable {
  /** The working directory of its server. */
  folder: string;
}

const root = new URL("../..", import.meta.url).pathname;

/** Makes a working directory whose server has more engines: type → expression of its graph. `source` exports what the expressions name, and may import `modules`. */
export function projectWith(
  source: string,
  graphs: Record<string, string>,
  modules: Record<string, string> = {},
): ProjectWithEngines {
  const lines = Object.entries(graphs).map(
    ([type, graph]) => `  ${type}: { routedTo: "${type}_routed", when: "${type} is wanted", graph: ${graph} },\n`,
  );
  const imports = `import * as added from "./added.ts";\n`; // the registry imports `stock` itself
  const folder = folderWith({ ...modules, added: source }, imports, lines.join(""));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A working directory whose server has these modules in its `graphs/`, and these imports and lines in its registry of engines. */
export function folderWith(modules: Record<string, string>, imports: string, lines: string): string {
  const folder = mkdtempSync(join(root, ".seventh-engine-"));
  cpSync(join(root, "prompts"), join(folder, "prompts"), { recursive: true });
  for (const part of ["graphs", "src"]) mkdirSync(join(folder, part));
  writeFileSync(join(folder, "src/main.ts"), overlaid(folder));
  for (const [name, source] of Object.entries(modules)) writeFileSync(join(folder, `graphs/${name}.ts`), source);
  const marker = "export const engines = {\n";
  const registered = readFileSync(join(root, "graphs/engines.ts"), "utf8").replace(marker, `${marker}${lines}`);
  writeFileSync(join(folder, "graphs/engines.ts"), `${imports}${registered}`);
  return folder;
}

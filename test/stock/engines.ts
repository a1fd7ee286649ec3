import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A copy of the project with more engines. */
export interface ProjectWithEngines extends Disposable {
  /** The working directory of its server. */
  folder: string;
}

const root = new URL("../..", import.meta.url).pathname;

/** Copies the project into itself, so that it finds the same packages, and adds engines: type → expression of its graph. `source` exports what the expressions name. */
export function projectWith(source: string, graphs: Record<string, string>): ProjectWithEngines {
  const folder = mkdtempSync(join(root, ".seventh-engine-"));
  for (const part of ["graphs", "packages", "playground", "prompts", "src", "package.json"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, "graphs/added.ts"), source);
  const registry = join(folder, "graphs/engines.ts");
  const lines = Object.entries(graphs).map(
    ([type, graph]) => `  ${type}: { routedTo: "${type}_routed", when: "${type} is wanted", graph: ${graph} },\n`,
  );
  const marker = "export const engines = {\n";
  const registered = readFileSync(registry, "utf8").replace(marker, `${marker}${lines.join("")}`);
  const imports = `import * as added from "./added.ts";\nimport { stock } from "./stock.ts";\n`;
  writeFileSync(registry, `${imports}${registered}`);
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

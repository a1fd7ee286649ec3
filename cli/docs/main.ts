import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { clientTypes } from "./client-types.ts";
import { reference } from "./reference.ts";
import { environment, settings } from "./settings.ts";

/** Generates these files from the schemas. With `--check`, only reports which ones are out of date. */
const documents = {
  "docs/reference.md": reference(),
  "docs/settings.md": settings(),
  ".env.example": environment(),
  "packages/client/protocol.ts": await clientTypes(),
};

const outdated = Object.entries(documents).filter(([name, text]) => current(name) !== text);
if (process.argv.includes("--check")) {
  for (const [name] of outdated) process.stderr.write(`${name} is out of date. Run npm run docs.\n`);
  process.exitCode = outdated.length > 0 ? 1 : 0;
} else {
  for (const [name, text] of outdated) writeFileSync(pathOf(name), text);
}

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

function current(name: string): string | undefined {
  try {
    return readFileSync(pathOf(name), "utf8");
  } catch {
    return undefined;
  }
}

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { commandLine, fail } from "../../src/settings/command-line.ts";
import { clientTypes } from "./client-types.ts";
import { reference } from "./reference.ts";
import { environment, settings } from "./settings.ts";

const usage = `Generates the reference, the list of settings and the client's types from the schemas.

  npm run docs
    --check                                   only says which files are out of date
`;

async function main(): Promise<void> {
  const { values } = commandLine(usage, { options: { check: { type: "boolean", default: false } } });
  const documents = {
    "docs/reference.md": reference(),
    "docs/settings.md": settings(),
    ".env.example": environment(),
    "packages/client/protocol.ts": await clientTypes(),
  };
  const outdated = Object.entries(documents).filter(([name, text]) => current(name) !== text);
  if (values.check) {
    for (const [name] of outdated) process.stderr.write(`${name} is out of date. Run npm run docs.\n`);
    process.exitCode = outdated.length > 0 ? 1 : 0;
  } else {
    for (const [name, text] of outdated) writeFileSync(pathOf(name), text);
  }
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

main().catch(fail);

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const examples = new URL("../../examples", import.meta.url).pathname;
const installed = join(examples, "node_modules");

/** Installs the dependencies of the examples, and the client from its tarball, as a user would get it. */
export default function install(): void {
  const lock = createHash("sha256")
    .update(readFileSync(join(examples, "package-lock.json")))
    .digest("hex");
  const mark = join(installed, ".installed-lock");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== lock) {
    execFileSync("npm", ["ci"], { cwd: examples, stdio: "inherit" });
    writeFileSync(mark, lock);
  }
  installClient();
}

function installClient(): void {
  const folder = mkdtempSync(join(tmpdir(), "client-"));
  try {
    execFileSync("tar", ["-xzf", packClient(folder), "-C", folder]);
    const target = join(installed, "conversation-channel-client");
    rmSync(target, { recursive: true, force: true });
    execFileSync("cp", ["-r", join(folder, "package"), target]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Packs the client into the folder and returns the tarball's path. */
export function packClient(folder: string): string {
  execFileSync("npm", ["pack", "--silent", "--workspace", "packages/client", "--pack-destination", folder], {
    cwd: join(examples, ".."),
    stdio: "inherit",
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (!tarball) throw new Error("npm pack made no tarball.");
  return join(folder, tarball);
}

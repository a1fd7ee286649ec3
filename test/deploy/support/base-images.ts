import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import { command } from "./command.ts";
import type { Buildah } from "./image.ts";

/** What no image needs: package lists, documentation, translations. */
const surplus = ["var/cache/apt", "var/lib/apt/lists", "usr/share/doc", "usr/share/man", "usr/share/locale"];

export interface BaseImages {
  run: string;
  build: string;
}

/**
 * Stands in for the two images that the Dockerfile names, so that nothing is pulled: this machine's Debian, as small as debootstrap makes it;
 * and the same with Node and npm.
 */
export async function baseImages(buildah: Buildah, folder: string): Promise<BaseImages> {
  const root = join(folder, "debian");
  await command("debootstrap", ["--variant=minbase", release(), root, await mirror()]);
  for (const path of surplus) rmSync(join(root, path), { recursive: true, force: true });
  const run = await committed(buildah, "scratch", "localhost/run:1", [[root, "/"]]);
  const build = await committed(buildah, run, "localhost/build:1", [
    [process.execPath, "/usr/local/bin/node"],
    [await npmFolder(), "/usr/local/lib/node_modules/npm"],
  ]);
  return { run, build };
}

async function committed(buildah: Buildah, from: string, name: string, files: [string, string][]): Promise<string> {
  const container = await buildah("from", from);
  for (const [source, target] of files) await buildah("add", "--quiet", container, source, target);
  if (from !== "scratch")
    await buildah("run", container, "ln", "-s", "../lib/node_modules/npm/bin/npm-cli.js", "/usr/local/bin/npm");
  await buildah("commit", "--quiet", "--rm", container, name);
  return name;
}

function release(): string {
  const name = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  if (!name) throw new Error("This machine's release has no code name.");
  return name;
}

/** Where this machine gets its packages from. */
async function mirror(): Promise<string> {
  const lines = await command("apt-get", ["indextargets", "--format", "$(RELEASE) $(SITE)", "Created-By: Packages"]);
  const found = lines.split("\n").find((line) => line.startsWith(`${release()} `));
  if (!found) throw new Error("apt has no mirror of this machine's release.");
  return found.split(" ")[1] ?? "";
}

/** The npm that runs this script, or the one that is installed. */
async function npmFolder(): Promise<string> {
  const running = process.env.npm_execpath;
  return running ? dirname(dirname(running)) : join(await command("npm", ["root", "--global"]), "npm");
}

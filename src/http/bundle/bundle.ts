import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The scripts of the page. */
export interface Bundle {
  /** JavaScript by its path below `/assets/`. */
  files: Record<string, string>;
  /** The path of the page's own script. It needs no other at once. */
  entry: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = fileURLToPath(new URL("program.ts", import.meta.url));
const sources = [
  "playground/**/*.ts",
  "packages/client/*.ts",
  "packages/client/store/*.ts",
  "src/http/bundle/program.ts",
];

/** Bundles are kept here, because making one takes half a second. */
const cache = join(root, "node_modules/.cache/conversation-channel");

/** How long the sources count as unchanged: anybody may ask for the page, and reading them takes 10 ms. */
const unchangedMs = 1_000;

let known: { key: string; bundle: Promise<Bundle> } | undefined;
let latest: { at: number; bundle: Promise<Bundle> } | undefined;

/** The bundle of the sources as they are now. Rejects if they cannot be bundled. */
export function pageBundle(): Promise<Bundle> {
  const now = performance.now();
  if (!latest || now - latest.at > unchangedMs) latest = { at: now, bundle: current() };
  return latest.bundle;
}

async function current(): Promise<Bundle> {
  const key = await keyOf(sources);
  if (known?.key !== key) known = { key, bundle: kept(key).catch(() => made(key)) };
  const { bundle } = known;
  bundle.catch(() => (known = undefined)); // an install may mend it
  return bundle;
}

/** A hash of the sources and of the packages' versions. */
async function keyOf(patterns: string[]): Promise<string> {
  const paths = [...globSync(patterns, { cwd: root }).sort(), "package-lock.json"];
  const hash = createHash("sha256");
  const contents = await Promise.all(paths.map((path) => readFile(join(root, path))));
  for (const [index, content] of contents.entries()) hash.update(`${paths[index]} ${content.length}\n`).update(content);
  return hash.digest("hex").slice(0, 16);
}

async function kept(key: string): Promise<Bundle> {
  return JSON.parse(await readFile(join(cache, `${key}.json`), "utf8"));
}

async function made(key: string): Promise<Bundle> {
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env: {}, maxBuffer: 2 ** 25 });
  await keep(key, stdout).catch(() => {}); // a folder that cannot be written to: the next process makes it again
  return JSON.parse(stdout);
}

/** Other processes may read and write at the same time. Bundles of other sources are removed. */
async function keep(key: string, bundle: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const own = `${key}.${process.pid}`;
  await writeFile(join(cache, own), bundle);
  await rename(join(cache, own), join(cache, `${key}.json`));
  const others = (await readdir(cache)).filter((name) => name.endsWith(".json") && name !== `${key}.json`);
  await Promise.all(others.map((name) => rm(join(cache, name), { force: true })));
}

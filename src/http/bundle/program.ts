/*
 * Bundles the scripts of the page, and writes them to stdout as the JSON of a `Bundle`. It is a program of its own because a bundler takes
 * 200 MB of memory, which the server's process would keep.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, type RolldownOutput, rolldown } from "rolldown";

import type { Bundle } from "./bundle.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const client = join(root, "packages/client/conversation.ts");
const shared = { cwd: root, platform: "browser", tsconfig: false } as const; // the image has no tsconfig.json

const chunks = (await Promise.all([page(), library(), drawing()])).flat();
const entry = chunks.find(({ name, isEntry }) => isEntry && name === "main")?.fileName;
if (entry === undefined) throw new Error("The page has no script.");
const files = Object.fromEntries(chunks.map(({ fileName, code }) => [fileName, code]));
const bundle: Bundle = { files, entry };
process.stdout.write(JSON.stringify(bundle));

/** The page: its entry with everything that it needs at once in a single file, and a file for each part that is loaded later. */
async function page(): Promise<OutputChunk[]> {
  const build = await rolldown({
    ...shared,
    input: { main: "playground/main.ts" },
    resolve: { alias: { "conversation-channel-client": client } },
    preserveEntrySignatures: false, // parts that are loaded later import from the entry
  });
  return chunksOf(
    await build.generate({
      minify: true,
      entryFileNames: "scripts/[name]-[hash].js",
      codeSplitting: { groups: [{ name: "main", tags: ["$initial"] }] },
      chunkFileNames: "scripts/[name]-[hash].js",
    }),
  );
}

/** The client, under the address that docs/front-end.md names. */
async function library(): Promise<OutputChunk[]> {
  const build = await rolldown({ ...shared, input: { client } });
  return chunksOf(await build.generate({ minify: true, entryFileNames: "client/conversation.ts" }));
}

/** A classic script: its frame has no origin, so it could not load a module. */
async function drawing(): Promise<OutputChunk[]> {
  const build = await rolldown({ ...shared, input: { drawing: "playground/graph/drawing.ts" } });
  return chunksOf(await build.generate({ format: "iife", minify: true, entryFileNames: "graph/drawing.ts" }));
}

function chunksOf({ output }: RolldownOutput): OutputChunk[] {
  return output.filter((file) => file.type === "chunk");
}

/*
 * Bundles the scripts of the page, and writes them to stdout as the JSON of a `Bundle`. It is a program of its own because a bundler takes
 * 200 MB of memory, which the server's process would keep.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OutputChunk, rolldown } from "rolldown";

import type { Bundle } from "./bundle.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const client = join(root, "packages/client/conversation.ts");

const chunks = [...(await modules()), ...(await drawing())];
const byName = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
const bundle: Bundle = {
  files: Object.fromEntries(chunks.map(({ fileName, code }) => [fileName, code])),
  page: importedBy(chunks.find(({ name, isEntry }) => isEntry && name === "main")),
};
process.stdout.write(JSON.stringify(bundle));

/** The page, and the client under the address that docs/front-end.md names. They share modules. */
async function modules(): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: root,
    input: { main: "playground/main.ts", client },
    platform: "browser",
    tsconfig: false, // the image has none
    resolve: { alias: { "conversation-channel-client": client } },
    preserveEntrySignatures: "strict",
  });
  const { output } = await build.generate({
    minify: true,
    entryFileNames: ({ name }) => (name === "client" ? "client/conversation.ts" : "scripts/[name]-[hash].js"),
    chunkFileNames: "scripts/[name]-[hash].js",
  });
  return output.filter((file) => file.type === "chunk");
}

/** A classic script: its frame has no origin, so it could not load a module. */
async function drawing(): Promise<OutputChunk[]> {
  const input = { drawing: "playground/graph/drawing.ts" };
  const build = await rolldown({ cwd: root, input, platform: "browser", tsconfig: false });
  const { output } = await build.generate({ format: "iife", minify: true, entryFileNames: "graph/drawing.ts" });
  return output.filter((file) => file.type === "chunk");
}

/** A chunk's file and those that it imports statically, directly or not. */
function importedBy(chunk: OutputChunk | undefined): string[] {
  const found = new Set(chunk ? [chunk.fileName] : []);
  for (const name of found) for (const imported of byName.get(name)?.imports ?? []) found.add(imported);
  return [...found];
}

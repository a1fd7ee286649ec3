import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** Modules of the workbench's editor by the package that depends on them, each with its file beside the package's entry. */
const packages: [owner: string, name: string, file: string][] = [
  ["", "@codemirror/state", "index.js"],
  ["", "@codemirror/view", "index.js"],
  ["", "@codemirror/language", "index.js"],
  ["", "@codemirror/commands", "index.js"],
  ["", "@codemirror/autocomplete", "index.js"],
  ["", "@codemirror/lint", "index.js"],
  ["@codemirror/state", "@marijn/find-cluster-break", "../src/index.js"],
  ["@codemirror/view", "style-mod", "../src/style-mod.js"],
  ["@codemirror/view", "w3c-keyname", "index.js"],
  ["@codemirror/view", "crelt", "../index.js"],
  ["@codemirror/language", "@codemirror/streamparser", "index.js"],
  ["@codemirror/language", "@lezer/common", "index.js"],
  ["@codemirror/language", "@lezer/highlight", "index.js"],
];

/** The modules of CodeMirror, by name. The page loads them when an editor is opened. */
export function editorModules(): [name: string, file: string][] {
  const own = createRequire(import.meta.url);
  return packages.map(([owner, name, file]) => {
    const { resolve } = owner === "" ? own : createRequire(own.resolve(owner));
    return [name, join(dirname(resolve(name)), file)];
  });
}

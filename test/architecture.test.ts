import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

/** Who may import whom. A folder that is not named may be imported by nobody but itself. */
const allowed: Record<string, string[]> = {
  graphs: [],
  "graphs/router": ["graphs", "graphs/router/local"],
  "graphs/router/local": ["graphs"],
  "src/socket": [],
  "src/auth": ["src", "src/limits", "src/socket"],
  "src/limits": ["src"],
  "src/models": ["graphs", "src"],
  "src/prompts": ["graphs", "src"],
  "src/store": ["graphs"],
  "src/hot": ["graphs", "src", "src/turns"],
  "src/turns": ["graphs", "src", "src/store"],
  "src/channel": ["graphs", "src", "src/auth", "src/limits", "src/socket", "src/store", "src/turns"],
  "src/workbench": [
    "graphs",
    "src",
    "src/auth",
    "src/channel",
    "src/hot",
    "src/limits",
    "src/prompts",
    "src/socket",
    "src/store",
    "src/turns",
  ],
  "src/replay": ["graphs", "src", "src/hot", "src/models", "src/store", "src/turns", "src/workbench"],
  "src/studio": ["graphs", "src", "src/channel", "src/models", "src/prompts", "src/turns"],
  "src/http": [],
  "src/docs": ["src", "src/channel"],
  "src/client": [],
  "src/chat": ["src/client"],
};

/** What the composition root and its neighbours in `src/` may use is everything; `graphs` folds its router in. */
const folded: Record<string, string> = { "graphs/router": "graphs", "graphs/router/local": "graphs" };

const folderOf = (file: string) => folded[dirname(file)] ?? dirname(file);

function importsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  const specifiers = [...source.matchAll(/(?:from|import)\s+"(\.[^"]+)"/g)].map(([, specifier = ""]) => specifier);
  return specifiers.map((specifier) => normalize(join(dirname(file), specifier)));
}

const files = globSync(["src/**/*.ts", "graphs/**/*.ts"]);

describe("the arrows between folders", () => {
  it("reads the code it judges", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it.each(files.filter((file) => dirname(file) !== "src"))("%s imports only what its folder may", (file) => {
    const from = folderOf(file);
    const forbidden = importsOf(file).filter((target) => {
      const to = folderOf(target);
      return to !== from && !(allowed[from] ?? []).includes(to);
    });
    expect(forbidden).toEqual([]);
  });

  it("graphs know nothing of sockets, storage, HTTP or the environment", () => {
    const foreign = /from "(?:ws|better-sqlite3|pino|node:(?:http|net|child_process)|@langchain\/openai)"|process\.env/;
    expect(files.filter((file) => file.startsWith("graphs/") && foreign.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("the client needs nothing but phoenix's types, so that any page can load it", () => {
    const imports = files.filter((file) => file.startsWith("src/client/")).map((file) => readFileSync(file, "utf8"));
    expect(imports.join("\n").match(/^import(?! type .* from "phoenix").* from "[^.].*$/gm)).toBeNull();
  });

  it("only one file imports ws, and only the entries read the environment", () => {
    const matching = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(file, "utf8")));
    expect(matching(/from "ws"/).filter((file) => !file.startsWith("src/chat/"))).toEqual(["src/socket/websocket.ts"]);
    const entries = /^src\/(?:chat\/.+|replay\/main|studio\/graphs|main)\.ts$/;
    expect(matching(/process\.env/).filter((file) => !entries.test(file))).toEqual([]);
  });

  it("no module imports itself round a corner", () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).filter((target) => files.includes(target))]));
    expect(cycleIn(graph)).toEqual([]);
  });

  it("files stay small", () => {
    const written = files.filter((file) => file !== "src/client/protocol.ts"); // which is generated
    const lines = written
      .map((file) => readFileSync(file, "utf8").split("\n").length)
      .sort((one, other) => one - other);
    expect(lines.at(-1)).toBeLessThanOrEqual(200);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(80);
  });
});

/** The files of one cycle, or none. */
function cycleIn(graph: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const target of graph.get(file) ?? []) {
      const cycle = visit(target, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

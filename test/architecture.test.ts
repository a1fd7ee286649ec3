import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

import packageJson from "../package.json" with { type: "json" };

/** The allowed imports between folders, from the bottom up. A folder may import itself and the folders in its list. */
const allowed: Record<string, string[]> = {
  "packages/router": [],
  "packages/client": [],
  graphs: ["packages/router"],
  "src/settings": [],
  "src/phoenix": ["src"],
  "src/transport": ["src/phoenix"],
  "src/limits": ["src"],
  "src/telemetry": ["graphs", "src", "src/store"],
  "src/auth": ["src", "src/limits", "src/phoenix", "src/settings", "src/telemetry"],
  "src/models": ["graphs", "src"],
  "src/mcp": ["graphs", "src/settings", "src/telemetry"],
  "src/store": ["graphs"],
  "src/files": ["graphs", "src/auth", "src/limits", "src/settings", "src/store", "src/telemetry", "src/transport"],
  "src/reload": ["graphs", "src", "src/telemetry"],
  "src/turns": ["graphs", "src", "src/store", "src/telemetry"],
  "src/cluster": ["src", "src/phoenix", "src/store", "src/telemetry", "src/transport", "src/turns"],
  "src/channel": ["graphs", "src", "src/auth", "src/limits", "src/phoenix", "src/store", "src/telemetry", "src/turns"],
  "src/doctor": ["graphs", "src", "src/models", "src/turns"],
  "src/workbench/wire": [],
  "src/workbench": [
    "graphs",
    "src",
    "src/auth",
    "src/channel",
    "src/doctor",
    "src/limits",
    "src/models",
    "src/phoenix",
    "src/reload",
    "src/store",
    "src/telemetry",
    "src/turns",
    "src/workbench/wire",
  ],
  "src/http": [],
  "playground/graph": [],
  "playground/workbench": ["playground", "packages/client", "src/workbench/wire"],
  playground: ["playground/workbench", "packages/client"],
};

/** The folders in this table. Nested folders belong to their parent. The files directly in `src` may import everything. */
const rooms = Object.keys(allowed);

function roomOf(file: string): string {
  return rooms.find((room) => file.startsWith(`${room}/`)) ?? dirname(file);
}

/** The files that are checked. Command line, evals, bench and tests may import all of them, but not the other way round. */
const files = globSync(["src/**/*.ts", "graphs/**/*.ts", "packages/**/*.ts", "playground/**/*.ts"], {
  exclude: (name) => /node_modules|dist/.test(name),
});

/** The folder of a workspace package, by its name. */
const entries: Record<string, string> = { router: "router.ts", client: "conversation.ts" };

function importsOf(file: string): string[] {
  const source = readFileSync(file, "utf8");
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(([, specifier = ""]) => specifier);
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith(".")) return [normalize(join(dirname(file), specifier))];
    const workspace = /^conversation-channel-(router|client)(?:\/(.+))?$/.exec(specifier);
    return workspace ? [`packages/${workspace[1]}/${workspace[2] ?? entries[workspace[1] ?? ""]}`] : [];
  });
}

describe("imports between folders", () => {
  it("the test finds the code", () => {
    expect(files.length).toBeGreaterThan(40);
  });

  it.each(files.filter((file) => dirname(file) !== "src"))("%s imports only what its folder may import", (file) => {
    const from = roomOf(file);
    const forbidden = importsOf(file).filter((target) => {
      const to = roomOf(target);
      return to !== from && !(allowed[from] ?? []).includes(to);
    });
    expect(forbidden).toEqual([]);
  });

  it("graphs know nothing of sockets, storage, HTTP or the environment", () => {
    const foreign = /from "(?:ws|better-sqlite3|pino|node:(?:http|net|child_process)|@langchain\/openai)"|process\.env/;
    expect(files.filter((file) => file.startsWith("graphs/") && foreign.test(readFileSync(file, "utf8")))).toEqual([]);
  });

  it("the client imports types alone, of phoenix and of what an entry is for, and React at run time", () => {
    const peers: Record<string, string> = { "ai-sdk": "ai" };
    const foreign = files
      .filter((file) => file.startsWith("packages/client/"))
      .flatMap((file) => {
        const entry = file.split("/").at(2) ?? "";
        const imports = readFileSync(file, "utf8").match(/^(?:import|export)\b[^;]*? from "[^.][^"]*"/gm) ?? [];
        const isAllowed = (line: string) =>
          /^(?:import|export) type /.test(line)
            ? line.endsWith('"phoenix"') || line.endsWith(`"${peers[entry]}"`) || line.endsWith(`"${entry}"`)
            : entry === "react" && line.endsWith('"react"');
        return imports.filter((line) => !isAllowed(line)).map((line) => `${file}: ${line}`);
      });
    expect(foreign).toEqual([]);
  });

  it("the page imports files and packages that the project names", () => {
    const packages = [...Object.keys(packageJson.dependencies), "conversation-channel-client"];
    const named = files
      .filter((file) => file.startsWith("playground/"))
      .flatMap((file) => [...readFileSync(file, "utf8").matchAll(/^(?:import|export)(?! type).* from "([^.].*)"/gm)])
      .map(([, name = ""]) => name);
    const packageOf = (name: string) => name.split("/", name.startsWith("@") ? 2 : 1).join("/");
    expect(named.filter((name) => !packages.includes(packageOf(name)))).toEqual([]);
  });

  it("the page takes types alone of the server", () => {
    const values = files
      .filter((file) => file.startsWith("playground/"))
      .flatMap(
        (file) =>
          readFileSync(file, "utf8").match(/^(?:import|export)(?! type)[^;]*? from "[./]*\/src\/[^"]*"/gm) ?? [],
      );
    expect(values).toEqual([]);
  });

  it("only the WebSocket transport imports ws, and only the entry reads the environment", () => {
    const matching = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(file, "utf8")));
    expect(matching(/from "ws"/)).toEqual(["src/transport/arriving-frame.ts", "src/transport/websocket.ts"]);
    expect(matching(/process\.env/)).toEqual(["src/main.ts"]);
  });

  it("there are no import cycles", () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).filter((target) => files.includes(target))]));
    expect(cycleIn(graph)).toEqual([]);
  });

  it("files stay small", () => {
    const written = files.filter((file) => file !== "packages/client/protocol.ts"); // generated
    const lines = written
      .map((file) => readFileSync(file, "utf8").split("\n").length)
      .sort((one, other) => one - other);
    expect(lines.at(-1)).toBeLessThanOrEqual(200);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(80);
  });
});

/** The files of one import cycle; empty if there is none. */
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

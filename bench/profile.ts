// `node bench/profile.ts <file.cpuprofile> [lines]` prints where the time of a CPU profile went, by package and by function.
import { readFileSync } from "node:fs";

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

const [path = "", maxLines = "30"] = process.argv.slice(2);
const { nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(path, "utf8"));
const own = new Map<number, number>();
for (const [index, id] of samples.entries()) own.set(id, (own.get(id) ?? 0) + (timeDeltas[index] ?? 0));
const idle = nodes.find((node) => node.callFrame.functionName === "(idle)")?.id;
const busy = [...own].reduce((sum, [id, time]) => sum + (id === idle ? 0 : time), 0);

const packages = new Map<string, number>();
const functions = new Map<string, number>();
const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
for (const { id, callFrame } of nodes) {
  if (id === idle) continue;
  const time = own.get(id) ?? 0;
  const place = callFrame.url === "" ? `(native) in ${callerOf(id)}` : placeOf(callFrame.url);
  add(packages, place.split(" ")[0] ?? "", time);
  add(functions, `${callFrame.functionName || "(anonymous)"}  ${place}:${callFrame.lineNumber + 1}`, time);
}
process.stdout.write(`busy ${Math.round(busy / 1000)} ms\n${listed(packages)}\n\n${listed(functions)}\n`);

function add(times: Map<string, number>, name: string, time: number): void {
  times.set(name, (times.get(name) ?? 0) + time);
}

/** The nearest caller that has a file. */
function callerOf(id: number): string {
  const parent = parents.get(id);
  if (!parent) return "nothing";
  return parent.callFrame.url === ""
    ? callerOf(parent.id)
    : `${parent.callFrame.functionName} ${placeOf(parent.callFrame.url)}`;
}

/** The package and the file in it. */
function placeOf(url: string): string {
  if (url.startsWith("node:")) return `${url.startsWith("node:internal/deps/undici") ? "undici" : "node"} ${url}`;
  const installed = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\/(.*)$/.exec(url);
  return installed ? `${installed[1]} ${installed[2]}` : `ours ${url.replace(/.*\/(src|graphs)\//, "$1/")}`;
}

function listed(times: Map<string, number>): string {
  const sorted = [...times].toSorted(([, a], [, b]) => b - a).slice(0, Number(maxLines));
  return sorted.map(([name, time]) => `${((time / busy) * 100).toFixed(1).padStart(5)} %  ${name}`).join("\n");
}

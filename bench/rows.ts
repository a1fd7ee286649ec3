import type { Row } from "./figures.ts";
import { agents } from "./rows/agents.ts";
import { archive } from "./rows/archive.ts";
import { burst } from "./rows/burst.ts";
import { deltas } from "./rows/deltas.ts";
import { firstDelta } from "./rows/first-delta.ts";
import { joins } from "./rows/joins.ts";
import { long } from "./rows/long.ts";
import { memory } from "./rows/memory.ts";
import { pacedPeers } from "./rows/paced-peers.ts";
import { peers } from "./rows/peers.ts";
import { replies } from "./rows/replies.ts";
import { speculation } from "./rows/speculation.ts";
import { turns } from "./rows/turns.ts";
import type { Stage } from "./stage.ts";

const rows: Record<string, (stage: Stage) => Row> = {
  deltas,
  "first-delta": firstDelta,
  memory,
  joins,
  replies,
  turns,
  speculation,
  burst,
  long,
  archive,
  peers,
  "paced-peers": pacedPeers,
  agents,
};

const names = Object.keys(rows);

/** All rows, or those in `only`: names or letters, comma-separated. */
export function rowsOf(only: string | undefined): ((stage: Stage) => Row)[] {
  const chosen = only === undefined ? names : only.split(",").map(nameOf);
  return chosen.map((name) => (stage) => {
    const row = rows[name]?.(stage);
    if (!row) throw new Error(`--only expects some of ${names.map((name) => `${letterOf(name)} ${name}`).join(", ")}.`);
    return { ...row, title: `${letterOf(name)}. ${row.title}` };
  });
}

function nameOf(wanted: string): string {
  return names.find((name) => letterOf(name) === wanted) ?? wanted;
}

function letterOf(name: string): string {
  return String.fromCharCode("a".charCodeAt(0) + names.indexOf(name));
}

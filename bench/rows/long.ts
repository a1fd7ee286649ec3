import { statSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";

import { conversation } from "../client/conversation.ts";
import type { Row } from "../figures.ts";
import { once } from "../once.ts";
import type { Stage } from "../stage.ts";

const pace = { tokens: 60, firstMs: 0, everyMs: 0, gated: false };
const marks = [20, 120, 400, 500];

/** Compares early and late turns of one long conversation, in its own database. */
export function long(stage: Stage): Row {
  const file = join(stage.folder, "long.db");
  const started = once(() => stage.fresh("server", { DATABASE_URL: `sqlite:${file}` }));

  return {
    title: "A long conversation, its early turns and its late ones",
    against: `turns ${marks[0]} to ${marks[1]}`,
    tested: `turns ${marks[2]} to ${marks[3]}`,
    async round() {
      const server = await started();
      const one = await conversation(server.url);
      const seen: { turn: number; cpu: number; bytes: number }[] = [];
      for (let turn = 1; turn <= Math.max(...marks); turn += 1) {
        await one.ask(pace).ended;
        if (marks.includes(turn)) seen.push({ turn, cpu: await server.cpu(), bytes: bytesOf(file) });
      }
      one.close();
      const each = (what: "cpu" | "bytes", from: number) => {
        const [start, end] = seen.slice(from, from + 2);
        if (!start || !end) return Number.NaN;
        return (end[what] - start[what]) / (end.turn - start.turn) / 1000;
      };
      return [
        { name: "CPU", unit: "ms per turn", bare: each("cpu", 0), server: each("cpu", 2), by: "ratio", goal: "≤ 1.1" },
        {
          name: "database",
          unit: "kB per turn",
          bare: each("bytes", 0),
          server: each("bytes", 2),
          by: "ratio",
          goal: "≤ 1.1",
        },
      ];
    },
  };
}

/** Size of the database and its log, after a checkpoint. */
function bytesOf(file: string): number {
  const database = new Sqlite(file);
  database.pragma("wal_checkpoint(TRUNCATE)");
  database.close();
  return [file, `${file}-wal`].reduce((sum, path) => sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0), 0);
}

import type { WriteStream } from "node:tty";

import type { Listener } from "./move.ts";

/** Between two lines of progress. */
const intervalMs = 1_000;

/** Prints progress: a terminal shows the latest in its last line, anything else gets a line now and then. */
export function progressLines(output: Pick<WriteStream, "write" | "isTTY">): Listener {
  let last = 0;
  let isOpen = false;
  const format = new Intl.NumberFormat("en");
  return {
    note(line) {
      output.write(`${isOpen ? "\n" : ""}${line}\n`);
      isOpen = false;
    },
    progress({ doing, table, rows, total }) {
      if (total === 0) return;
      const isDue = performance.now() - last >= intervalMs;
      if (!isDue && rows < total) return;
      last = performance.now();
      const line = `${doing} ${table}: ${format.format(rows)} of ${format.format(total)}`;
      output.write(output.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
      isOpen = output.isTTY;
    },
  };
}

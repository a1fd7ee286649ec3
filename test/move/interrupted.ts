import { expect } from "vitest";

import { refuseUnfinishedMove } from "../../src/store/postgres/unfinished-move.ts";
import { breaking, expectEqual, inPostgres, moved, type postgres, type sqliteFile } from "./databases.ts";

interface Points {
  /** Breaks at every nth question. */
  every: number;
  /** The question has reached the server, but its answer is lost. */
  isAnswerLost: boolean;
}

/** Moves a file again and again: breaks off, looks, and continues. Resolves to the number of times. */
export async function interruptedEverywhere(
  target: Awaited<ReturnType<typeof postgres>>,
  file: ReturnType<typeof sqliteFile>,
  { every, isAnswerLost }: Points,
): Promise<number> {
  for (let at = 1, times = 1; ; at += every, times += 1) {
    const { client, hasBroken } = breaking(target.client, at, isAnswerLost);
    await moved(file.path, client).catch((error: unknown) => expect(error).toEqual(new Error("broken")));
    await target.client.query("ROLLBACK"); // as the server does when a connection ends
    const isRefused = await refuseUnfinishedMove(target.client).then(
      () => false,
      () => true,
    );
    const rows = await inPostgres(target.client);
    if (isRefused) expect(rows.get("conversations")).toEqual([]);
    else if (rows.get("conversations")?.length === 0) expect(rows.get("turns")).toEqual([]);
    else await expectEqual(target.client, file.database);
    await moved(file.path, target.client);
    await expectEqual(target.client, file.database);
    await expect(refuseUnfinishedMove(target.client)).resolves.toBeUndefined();
    await target.emptied();
    if (!hasBroken()) return times;
    expect(times).toBeLessThan(1_000);
  }
}

import { expect, it } from "vitest";

import { postgres, sqliteFile } from "./databases.ts";
import { interruptedEverywhere } from "./interrupted.ts";
import { fill } from "./random-rows.ts";

it.each([false, true])(
  "a move that is interrupted at any of its steps is continued (answer lost: %s)",
  async (isAnswerLost) => {
    const [target, file] = [await postgres(), sqliteFile()];
    try {
      fill(file.database);
      expect(await interruptedEverywhere(target, file, { every: 1, isAnswerLost })).toBeGreaterThan(100);
    } finally {
      file.close();
      await target.close();
    }
  },
  300_000,
);

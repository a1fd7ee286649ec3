import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, vi } from "vitest";

import { sqliteStore } from "../../src/store/sqlite/open.ts";
import { storeContract } from "./contract.ts";

describe("the store in SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  beforeAll(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterAll(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  storeContract({
    open: () => sqliteStore(join(folder, "conversations.db")),
    passTime: (ms) => void vi.setSystemTime(Date.now() + ms),
  });
});

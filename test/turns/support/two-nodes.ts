import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sqliteStore } from "../../../src/store/sqlite/open.ts";
import { startModelServer } from "../../support/model-server.ts";
import { newBus, turnNode } from "./node.ts";

/** Two nodes over one store. Without a bus, they know of each other only what is in the store. */
export async function twoNodes({ hasBus = true } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "nodes-"));
  const store = sqliteStore(join(folder, "shared.db"));
  const model = await startModelServer();
  const bus = newBus();
  const node = () => turnNode(store, model.url, hasBus ? bus : undefined);
  const [a, b] = [node(), node()];
  return {
    a,
    b,
    model,
    store,
    async [Symbol.asyncDispose]() {
      await Promise.all([a.close(), b.close()]);
      await store.close();
      await model.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

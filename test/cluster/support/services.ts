import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

import { startPostgres } from "./postgres.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** URL of the run's Postgres, as its administrator. */
    postgresUrl: string;
    /** All files of this run are in it. It goes with the run. */
    runFolder: string;
  }
}

/** Runs once, before all files: one Postgres for all of them. Redis starts in no time, so each cluster has its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "cluster-"));
  chmodSync(folder, 0o711); // Postgres has a user of its own
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  process.on("exit", remove);
  const postgres = await startPostgres(folder);
  project.provide("runFolder", folder);
  project.provide("postgresUrl", postgres.url);
  return async () => {
    await postgres.close();
    remove();
  };
}

import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, it } from "vitest";

import { postgresStore } from "../../src/store/postgres/open.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/gate.ts";
import { cluster } from "./support/cluster.ts";
import { freshDatabase } from "./support/database.ts";

/** One of Postgres' programs, as docs/deploying.md calls it. */
async function postgres(program: string, ...words: string[]): Promise<void> {
  const [path = program] = globSync(`/usr/lib/postgresql/*/bin/${program}`).sort().reverse();
  await promisify(execFile)(path, words);
}

it("a backup of a running server's database is restored, and goes on", async () => {
  await using servers = await cluster({ nodes: 1 });
  await using client = await servers.connect();
  const conversation = await client.join("kept");
  await conversation.ask("Hello? \u0000", simple);
  const held = gate();
  servers.model.next({ text: "Wait for it.", gate: held });
  const { response } = await conversation.push("message", { content: "And?", ...simple });
  await held.held();
  const dump = join(inject("runFolder"), "chat.dump");
  await postgres("pg_dump", "--format=custom", "--no-owner", `--file=${dump}`, servers.database.url);

  const other = await freshDatabase(inject("postgresUrl"));
  const restore = ["--no-owner", "--single-transaction", "--exit-on-error", `--dbname=${other.url}`, dump];
  await postgres("pg_restore", ...restore);
  const [before, restored] = await Promise.all([postgresStore(servers.database.url), postgresStore(other.url)]);
  const page = await restored.history.page("kept", 10);
  expect(page).toEqual(await before.history.page("kept", 10));
  expect(page?.turns.at(-1)).toMatchObject({ id: response.turn_id, status: "running" });
  const unclaimed = () => restored.turns.unclaimed(10); // once the lease in the copy is over
  await expect.poll(unclaimed).toMatchObject([{ conversationId: "kept" }]);
  const rows = "SELECT last_value FROM turns_ended";
  expect(await other.rows(rows)).toEqual(await servers.database.rows(rows));
  await Promise.all([before.close(), restored.close()]);
  held.open();
  await other.drop();
});

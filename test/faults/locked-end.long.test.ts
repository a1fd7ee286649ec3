import Database from "better-sqlite3";
import { expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { gate, startModelServer } from "../support/model-server.ts";
import { spawnServer } from "../support/spawned.ts";
import { databaseFile } from "./database-file.ts";

it("a server shuts down on request while another program locks its database", { timeout: 60_000 }, async () => {
  using file = await databaseFile();
  file.change((database) => database.exec("UPDATE turns SET delivery = 0"));
  await using model = await startModelServer();
  await using server = await spawnServer({
    ...file.env,
    OPENAI_BASE_URL: model.url,
    MODEL: "m",
    DRAIN_TIMEOUT_MS: "1000",
  });
  await using client = await server.connect();
  const door = gate();
  model.next({ text: "one", gate: door });
  const other = await client.join("other");
  await other.push("message", { content: "Go", ...simple });
  await door.held();
  const program = new Database(file.path);
  program.exec("BEGIN IMMEDIATE");
  const first = await client.join("first");
  await first.next("response");
  await expect(server.end("SIGTERM")).resolves.toEqual([0, null]);
  program.exec("COMMIT");
  program.close();
});

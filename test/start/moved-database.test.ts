import { renameSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { listening, run, workingFolder } from "./support.ts";

it("a database file that is moved while the server runs is in the log, and /readyz answers 503 until it is back", async () => {
  const folder = workingFolder();
  const path = join(folder, "data", "conversations.db");
  const server = run(folder, { API_KEYS: "k-alice=alice" });
  const url = await server.printed(listening);
  await using client = await connect(url, { apiKey: "k-alice" });
  await (await client.join("c")).ask("Is it stored?", { options: { engine: "simple" } });
  renameSync(path, `${path}.old`);
  expect(await server.printed(/"problem":"([^"]*)"/)).toBe(
    `${path} was moved or deleted: the next start will not find what is stored now. Put it back, or restart.`,
  );
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  renameSync(`${path}.old`, path);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  expect(server.output.match(/the store is not ready/g)).toHaveLength(1);
  await server.printed(/(the store is ready again)/);
});

import Database from "better-sqlite3";
import { expect, it } from "vitest";

import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";
import { databaseFile } from "./database-file.ts";

it("a terminal event that was sent to a member that joined while it was being stored is marked as redelivered when it is sent again", async () => {
  using file = await databaseFile();
  await using server = await start({ ...file.env, ...unlimited });
  const door = gate();
  server.model.next({ text: "one", gate: door });
  const asking = await server.connect();
  const { response } = await (await asking.join("first")).push("message", { content: "Second?", ...simple });
  await door.held();
  await asking.close();
  await expect.poll(async () => (await fetch(`${server.http}/metrics`)).text()).toMatch(/^sockets\S* 0$/m);
  const program = new Database(file.path);
  program.exec("BEGIN IMMEDIATE");
  door.open();
  await server.model.requests.at(-1)?.closed;

  const isTurn = ({ turn_id }: { turn_id?: string }) => turn_id === response.turn_id;
  const watching = await server.connect();
  const watched = await watching.join("first");
  expect(watched.joins[0]?.running_turn).toMatchObject({ turn_id: response.turn_id });
  program.exec("COMMIT");
  program.close();
  expect((await watched.next("response", isTurn)).metadata).not.toHaveProperty("redelivered");
  await watching.close();

  await using returning = await server.connect();
  const seen = await (await returning.join("first")).next("response", isTurn);
  expect(seen.metadata).toMatchObject({ redelivered: true });
});

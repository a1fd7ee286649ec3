import Database from "better-sqlite3";
import { expect, it } from "vitest";

import { connect } from "../support/client.ts";
import { gate } from "../support/model-server.ts";
import { start, unlimited } from "../support/start.ts";

const simple = { options: { engine: "simple" } };

it("the stop of a queued turn that a locked database delays is sent to a client that read more of the answer and left meanwhile", async () => {
  await using server = await start(unlimited);
  await using client = await server.connect();
  await using otherClient = await server.connect();
  const [one, other] = [await client.join("c"), await otherClient.join("c")];
  const door = gate();
  server.model.nextFor(({ user }) => user === "First?", { chunks: Array(100).fill("word "), gate: door });
  const first = (await one.push("message", { content: "First?", ...simple })).response.turn_id;
  const second = (await one.push("message", { content: "Second?", ...simple })).response.turn_id;
  door.release(1);
  await one.next("response_delta");

  const program = new Database(`${server.folder}/test.db`);
  program.exec("BEGIN IMMEDIATE");
  const stopped = one.push("stop", { turn_id: second });
  await other.push("typing", { typing: true }); // the server has read the stop by now
  door.release(10);
  const { offset, text } = await other.next("response_delta", (piece) => piece.offset + piece.text.length >= 50);
  await other.leave();
  program.exec("ROLLBACK");
  program.close();
  expect(await stopped).toMatchObject({ status: "ok" });

  await using back = await connect(server.url, { apiKey: "key-a" });
  const resume = { turn_id: first, offset: offset + text.length };
  const again = await back.join("c", { resume });
  const { terminal } = await again.turn(second);
  expect(terminal).toMatchObject({ event: "response", payload: { metadata: { stopped: true } } });
  door.open();
});

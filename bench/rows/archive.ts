import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { copyConversation, idOfCopy } from "../archive.ts";
import { type Client, client } from "../client/conversation.ts";
import { type Measure, median, type Row } from "../figures.ts";
import { once } from "../once.ts";
import type { Stage } from "../stage.ts";

const few = 10;
const many = 100_000;
const turnsEach = 2;
const name = "00000000-archived";

/** Compares a small and a large database. Both are filled with copies of a conversation that the server wrote. */
export function archive(stage: Stage): Row {
  const settingsOf = (file: string) => ({ DATABASE_URL: `sqlite:${file}` });

  async function made(count: number): Promise<string> {
    const file = join(stage.folder, `archive-${count}.db`);
    const server = await stage.fresh("server", settingsOf(file));
    const ids = await written(await client(server.url));
    await server.stop();
    copyConversation(file, ids, count - 1);
    return file;
  }

  async function cost(file: string, count: number) {
    const began = performance.now();
    const server = await stage.fresh("server", settingsOf(file));
    const socket = await client(server.url);
    await socket.push("conversation:first", "phx_join", {});
    const start = performance.now() - began;
    const joins: number[] = [];
    const histories: number[] = [];
    for (let at = 0; at < few; at += 1) {
      const topic = `conversation:${idOfCopy(name, Math.floor((at * count) / few))}`;
      joins.push(await timed(() => socket.push(topic, "phx_join", {})));
      histories.push(await timed(() => history(socket, topic)));
    }
    socket.close();
    await server.stop();
    return { start, join: median(joins), history: median(histories) };
  }

  const files = once(async () => ({ few: await made(few), many: await made(many) }));

  return {
    title: `${many.toLocaleString("en")} conversations in the database`,
    against: String(few),
    tested: many.toLocaleString("en"),
    startsCold: true,
    async round() {
      const made = await files();
      const small = await cost(made.few, few);
      const large = await cost(made.many, many);
      const line = (name: string, key: keyof typeof small, goal: string): Measure => {
        return { name, unit: "ms", bare: small[key], server: large[key], by: "ratio", goal };
      };
      return [
        line("start, until the first join is answered", "start", "≤ 3,000 ms"),
        line("join", "join", "as with 10"),
        line("history", "history", "as with 10"),
      ];
    },
  };
}

/** Creates a conversation, and returns all its ids in the database. */
async function written(socket: Client): Promise<string[]> {
  const topic = `conversation:${name}`;
  const ended = Array.from({ length: turnsEach }, () => Promise.withResolvers<void>());
  let turns = 0;
  socket.listen(topic, (event) => {
    if (event !== "response" && event !== "error") return;
    ended[turns]?.resolve();
    turns += 1;
  });
  const { session_id } = responseOf(await socket.push(topic, "phx_join", {}));
  for (const turn of ended) {
    await socket.push(topic, "message", { content: 'bench {"tokens":20}', options: { engine: "simple" } });
    await turn.promise;
  }
  // The second heartbeat acknowledges everything sent so far. Acknowledgements are written with a delay.
  for (let beat = 0; beat < 2; beat += 1) await socket.push("phoenix", "heartbeat", {});
  await sleep(1_500);
  const ids = (await history(socket, topic)).map(({ turn_id }) => turn_id);
  socket.close();
  return [name, String(session_id), ...ids];
}

async function history(socket: Client, topic: string): Promise<{ turn_id: string }[]> {
  const { turns } = responseOf(await socket.push(topic, "get_history", {}));
  if (!Array.isArray(turns) || turns.length !== turnsEach) throw new Error(`The history of ${topic} is incomplete.`);
  return turns;
}

function responseOf({ response }: Record<string, unknown>): Record<string, unknown> {
  return response as Record<string, unknown>; // every reply to a push has one
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

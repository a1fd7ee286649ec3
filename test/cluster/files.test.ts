import { expect, inject, it } from "vitest";

import { form, pdf, textPage } from "../files/support.ts";
import { startBucket } from "../support/bucket.ts";
import { simple } from "../support/conversation.ts";
import { type Cluster, cluster } from "./support/cluster.ts";

const headers = { authorization: "Bearer key-a" };

/** Uploads to the nth node. */
function upload(nodes: Cluster, index: number, bytes: string | Uint8Array<ArrayBuffer>): Promise<Response> {
  return fetch(`${nodes.node(index).http}/files`, { method: "POST", headers, body: form(bytes) });
}

async function idOf(response: Response): Promise<string> {
  expect(response.status).toBe(201);
  return ((await response.json()) as { file_id: string }).file_id;
}

it("a file that one server took is read by another, with its pages, also when the first is gone", async () => {
  await using bucket = await startBucket();
  await using nodes = await cluster({ nodes: 2, env: { FILES_URL: bucket.url(), TMPDIR: inject("runFolder") } });
  const paper = await idOf(await upload(nodes, 0, pdf([textPage("Read elsewhere")])));
  const notes = await idOf(await upload(nodes, 0, "Kept elsewhere"));
  await nodes.node(0).kill();

  const url = `${nodes.node(1).http}/files/${notes}`;
  expect(await (await fetch(url, { headers })).text()).toBe("Kept elsewhere");
  await using client = await nodes.node(1).connect();
  const conversation = await client.join("files");
  const attachments = [{ file_id: paper }, { file_id: notes }];
  await conversation.ask("What is in them?", { ...simple, attachments });
  expect(JSON.stringify(nodes.model.requests.at(-1)?.messages)).toMatch(/Read elsewhere.*Kept elsewhere/s);
});

it("uploads that the bucket refuses count for nothing, at any server", async () => {
  await using bucket = await startBucket();
  await using nodes = await cluster({ nodes: 2, env: { FILES_URL: bucket.url(), TMPDIR: inject("runFolder") } });
  await bucket.down();
  for (const index of [0, 1, 0, 1]) expect((await upload(nodes, index, "Not kept")).status).toBe(503);
  const kept = await nodes.database.rows("SELECT count(*)::int AS files FROM files WHERE state <> 'given up'");
  expect(kept).toEqual([{ files: 0 }]);
  await bucket.up();
  await idOf(await upload(nodes, 0, "Kept"));
});

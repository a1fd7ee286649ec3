import { expect, it } from "vitest";

import { startBucket } from "../support/bucket.ts";
import { filesServer, refusal } from "./support.ts";

it("a server that takes requests and says nothing is waited for three times, and keeps nothing of the upload", async () => {
  await using bucket = await startBucket();
  await using server = await filesServer({ FILES_URL: bucket.url() });
  const { file_id } = await server.kept("Kept before");
  bucket.requests.length = 0;
  bucket.troubles.push("silent", "silent", "silent");
  const since = performance.now();
  expect(await refusal(await server.upload("Not kept"))).toMatchObject({ status: 503, reason: "busy" });
  expect(bucket.requests).toHaveLength(3);
  expect(performance.now() - since).toBeLessThan(25_000);
  bucket.troubles.push("silent");
  expect(await (await server.get(file_id)).text()).toBe("Kept before");
  expect(bucket.keys()).toEqual([`of/chat/${file_id}/bytes`]);
});

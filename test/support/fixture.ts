import { test } from "vitest";

import { start, unlimited } from "./start.ts";

/**
 * A test with a conversation and default settings. All files of a process share one server and its model server. Each test that asks
 * for them gets a model without a script, a client of user-a, and a new conversation.
 */
export const it = test
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from the pattern what a fixture needs.
  .extend("shared", { scope: "worker" }, async ({}, { onCleanup }) => {
    const started = await start(unlimited);
    onCleanup(started.close);
    return started;
  })
  .extend("server", ({ shared }) => {
    shared.model.reset();
    return shared;
  })
  .extend("model", ({ server }) => server.model)
  .extend("client", async ({ server }, { onCleanup }) => {
    const client = await server.connect();
    onCleanup(() => client.close());
    return client;
  })
  .extend("conversation", ({ client }) => client.join(crypto.randomUUID()));

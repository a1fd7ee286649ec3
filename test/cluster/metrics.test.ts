import { expect, it } from "vitest";

import { isOfClusters, missing, queries } from "../telemetry/queries.ts";
import { cluster } from "./support/cluster.ts";

it("the dashboard and the alerts use metrics and labels that a node of a cluster has", async () => {
  await using nodes = await cluster({ nodes: 2 });
  const text = await (await fetch(`${nodes.node(0).http}/metrics`)).text();
  expect(missing(queries(), text, isOfClusters)).toEqual([]);
  expect(text).toMatch(/^redis_up 1$/m);
  await expect
    .poll(async () => await (await fetch(`${nodes.node(0).http}/metrics`)).text())
    .toMatch(/^cluster_nodes 2$/m);
});

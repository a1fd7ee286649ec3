import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { faults, isStructured } from "../support/model-server.ts";
import { startOtlpServer } from "../support/otlp-server.ts";
import { start } from "../support/start.ts";
import { isOfClusters, metricsIn, missing, queries } from "./queries.ts";
import { tracedTo } from "./support.ts";

/** Prometheus' own checker, if it is there: a part of Debian's package `prometheus`. */
const promtool = process.env.PROMTOOL ?? "promtool";
const hasPromtool = spawnSync(promtool, ["--version"]).status === 0;

/** `/metrics` of a server that has had turns of every kind. */
async function scrape(): Promise<string> {
  await using otlp = await startOtlpServer();
  await using server = await start({ ...tracedTo(otlp), ENGINES: "+assistant" });
  await using client = await server.connect();
  const conversation = await client.join("all");
  const engine = (name: string) => ({ options: { engine: name } });
  await conversation.ask("Answer", engine("simple"));
  server.model.answer((request) => (isStructured(request) ? { ...faults.unauthorized } : "Fine."));
  await conversation.ask("Fail a step", engine("complex"));
  server.model.answer(() => ({ ...faults.unauthorized }));
  await conversation.ask("Fail", engine("simple"));
  server.model.reset();
  server.model.next({ toolCalls: [{ name: "ask_user", args: { question: "Which?" }, id: "c1" }] }, "That one.");
  const { response } = await conversation.push("message", { content: "Ask", ...engine("assistant") });
  const { requests } = await conversation.next("input_requested");
  const responses = requests.map(({ interrupt_id }) => ({ interrupt_id, value: "this" }));
  await conversation.push("respond", { turn_id: response.turn_id, responses });
  await conversation.turn(response.turn_id);
  await expect(server.connect({ apiKey: "wrong" })).rejects.toMatchObject({ status: 403 });
  return await (await fetch(`${server.http}/metrics`)).text();
}

describe("the dashboard and the alerts", () => {
  it("use metrics and labels that a server has; those of clusters are tested with one", async () => {
    const used = queries();
    expect(used.length).toBeGreaterThan(50);
    expect(missing(used, await scrape(), (metric) => !isOfClusters(metric))).toEqual([]);
  });

  it("are read well by this test", () => {
    const query = (expression: string, legend = "") => Object.fromEntries(metricsIn({ where: "", expression, legend }));
    expect(
      query('sum by (le, model) (rate(a_bucket{engine=~"$x", code!="}"}[5m])) / on(node) b > 5', "{{kind}}"),
    ).toEqual({
      a_bucket: new Set(["engine", "code", "model", "node", "kind"]),
      b: new Set(["model", "node", "kind"]),
    });
    const found = missing([{ where: "Here", expression: "a{b='c'} and d", legend: "" }], 'a{x="1"} 2\n', () => true);
    expect(found).toEqual(["Here: a{b}", "Here: d"]);
  });

  it("show every metric of the server's own", async () => {
    const shown = new Set(queries().flatMap((query) => [...metricsIn(query).keys()]));
    const own = [...(await scrape()).matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);
    const ours = own.filter((name) => !/^(?:process|nodejs)_/.test(name));
    expect(ours.filter((name) => !shown.has(name) && !shown.has(`${name}_bucket`))).toEqual([]);
  });

  it.skipIf(!hasPromtool)("pass Prometheus' own check (skipped without promtool)", () => {
    const config = new URL("../../deploy/prometheus/prometheus.yml", import.meta.url).pathname;
    const { status, stdout, stderr } = spawnSync(promtool, ["check", "config", config], { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
  });

  it("have panels with ids of their own", () => {
    const { panels } = JSON.parse(
      readFileSync(new URL("../../deploy/grafana/dashboard.json", import.meta.url), "utf8"),
    );
    const ids = panels.map(({ id }: { id: number }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

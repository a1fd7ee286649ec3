import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";

import packageJson from "../package.json" with { type: "json" };
import { Settings } from "../src/config.ts";

const read = (name: string) => readFileSync(`deploy/${name}`, "utf8");
const defaults = Settings.parse({});
const drainSeconds = defaults.DRAIN_TIMEOUT_MS / 1000;
/** From the last answer to the end of the process. */
const closingSeconds = 5;
const [, ...startArguments] = packageJson.scripts.start.split(" ");

/** Whether it is a setting, or one whose value is in a file. */
const isSetting = (name: string) => name in Settings.shape || name.replace(/_FILE$/, "") in Settings.shape;

describe("the examples in deploy/", () => {
  const dockerfile = read("Dockerfile");

  it("Docker: the image runs what npm start runs, for a user that is a number", () => {
    const [, command = "[]"] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(command)).toEqual(["node", ...startArguments]);
    expect(/^USER (\d+):\d+$/m.exec(dockerfile)?.[1]).toBe("10001");
    expect(dockerfile).toContain(`=node:${packageJson.engines.node.replace(/\D/g, "")}-`);
  });

  it("Compose: waits for the drain, is read-only, and names settings that exist", () => {
    const { chat } = parse(read("compose.yaml")).services;
    expect(Number.parseInt(chat.stop_grace_period, 10)).toBeGreaterThanOrEqual(
      Number(chat.environment.DRAIN_TIMEOUT_MS) / 1000 + closingSeconds,
    );
    expect(chat).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(Object.keys(chat.environment).filter((name) => !isSetting(name))).toEqual([]);
    const { DRAIN_TIMEOUT_MS, TRUSTED_PROXIES } = chat.environment;
    expect(Settings.safeParse({ DRAIN_TIMEOUT_MS, TRUSTED_PROXIES }).success).toBe(true);
  });

  it("Kubernetes: the grace period covers preStop and the drain, and one pod runs for one database", () => {
    const [set, service] = parseAllDocuments(read("kubernetes.yaml")).map((document) => document.toJS());
    const { spec } = set.spec.template;
    const [server] = spec.containers;
    const env = Object.fromEntries(server.env.map(({ name, value }: Record<string, string>) => [name, value]));
    const preStopSeconds = Number(server.lifecycle.preStop.exec.command[1]);
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      preStopSeconds + Number(env.DRAIN_TIMEOUT_MS) / 1000 + closingSeconds,
    );
    expect(set).toMatchObject({ kind: "StatefulSet", spec: { replicas: 1 } });
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 });
    expect(server.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(Object.keys(env).filter((name) => !isSetting(name))).toEqual([]);
    expect(Settings.safeParse({ TRUSTED_PROXIES: env.TRUSTED_PROXIES }).success).toBe(true);
    expect(server.livenessProbe.httpGet.path).toBe("/healthz"); // a pod that drains is not ready, but alive
    expect(server.readinessProbe.httpGet.path).toBe("/readyz");
    expect(service.spec.selector).toEqual(set.spec.selector.matchLabels);
    expect(set.spec.selector.matchLabels).toEqual(set.spec.template.metadata.labels);
  });

  it("systemd: stops node itself, after the drain", () => {
    const unit = read("conversation-channel.service");
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(drainSeconds + closingSeconds);
    expect(unit).toMatch(new RegExp(`^ExecStart=\\S+/node ${startArguments.join(" ")}$`, "m"));
  });

  it("nginx: keeps quiet connections for longer than the server does", () => {
    const seconds = Number(/proxy_read_timeout (\d+)s/.exec(read("nginx.conf"))?.[1]);
    expect(seconds).toBeGreaterThan(defaults.SOCKET_IDLE_MS / 1000);
  });

  it("nginx: passes the largest file, and more, so that the server can say that it is too large", () => {
    const megabytes = Number(/client_max_body_size (\d+)m/.exec(read("nginx.conf"))?.[1]);
    expect(megabytes).toBeGreaterThan(defaults.FILE_MAX_MB);
  });
});

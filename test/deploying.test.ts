import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
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

/** The files that settings name. */
const secretsOf = (env: Record<string, string>) => {
  return Object.keys(env).flatMap((name) => (name.endsWith("_FILE") ? (env[name] ?? []) : []));
};

describe("the examples in deploy/", () => {
  const dockerfile = read("Dockerfile");

  it("Docker: the image runs what npm start runs, for a user that is a number", () => {
    const [, command = "[]"] = /^CMD (\[.*\])$/m.exec(dockerfile) ?? [];
    expect(JSON.parse(command)).toEqual(["node", ...startArguments]);
    expect(/^USER (\d+):\d+$/m.exec(dockerfile)?.[1]).toBe("10001");
    expect(dockerfile).toContain(`=node:${packageJson.engines.node.replace(/\D/g, "")}-`);
  });

  it("Docker: all that settings load is compiled in the image", () => {
    const loads = (file: string) => {
      const names = [...readFileSync(file, "utf8").matchAll(/ await import\("(\.[^"]*)"\)/g)];
      return names.map(([, name = ""]) => relative("src", join(dirname(file), name)));
    };
    const loaded = globSync("src/**/open-*.ts").flatMap(loads);
    expect(loaded.length).toBeGreaterThan(5);
    const [, compiled = ""] = /process\.exit\(0\)\)' ((?:\\\n|.)*)/.exec(dockerfile) ?? [];
    expect(
      compiled
        .split(/[\s\\]+/)
        .filter(Boolean)
        .toSorted(),
    ).toEqual(["server.ts", ...loaded].toSorted());
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

  it("Compose with two servers: they are the same, and drain before they are stopped", () => {
    const { services, secrets, volumes } = parse(read("cluster/compose.yaml"), { merge: true });
    const { "chat-1": chat, "chat-2": other, postgres, valkey } = services;
    expect(other).toEqual(chat);
    expect(Number.parseInt(chat.stop_grace_period, 10)).toBeGreaterThanOrEqual(
      Number(chat.environment.DRAIN_TIMEOUT_MS) / 1000 + closingSeconds,
    );
    expect(chat).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    expect(Object.keys(chat.environment).filter((name) => !isSetting(name))).toEqual([]);
    expect(secretsOf(chat.environment)).toEqual(chat.secrets.map((name: string) => `/run/secrets/${name}`));
    const named = [chat, postgres].flatMap((service) => service.secrets);
    expect(new Set(named)).toEqual(new Set(Object.keys(secrets)));
    expect(Settings.safeParse({ ...chat.environment, DATABASE_URL: "postgres://chat:x@postgres/chat" }).success).toBe(
      true,
    );
    const mounted = [chat, postgres, services.caddy].flatMap((service) => service.volumes);
    const folderOf = (volume: string) => volume.split(":")[0];
    expect(mounted.map(folderOf).filter((name) => !name?.startsWith("."))).toEqual(Object.keys(volumes));
    expect(chat.environment.FILES_DIR.startsWith(`${chat.volumes[0].split(":")[1]}/`)).toBe(true);
    for (const service of [chat, postgres, valkey]) expect(service.healthcheck.test[0]).toBe("CMD");
    expect(chat.healthcheck.test.at(-1)).toContain("/readyz");
    expect([postgres.ports, valkey.ports, chat.ports]).toEqual([undefined, undefined, undefined]);
  });

  it("Caddy in front of two servers: asks both whether they are ready, more often than a drain takes", () => {
    const file = read("cluster/Caddyfile");
    const { services } = parse(read("cluster/compose.yaml"), { merge: true });
    const [, upstreams = ""] = /reverse_proxy (.*) \{/.exec(file) ?? [];
    const servers = Object.keys(services).filter((name) => name.startsWith("chat-"));
    expect(upstreams.split(" ")).toEqual(servers.map((name) => `${name}:${defaults.PORT}`));
    expect(file).toContain("health_uri /readyz");
    expect(Number(/health_interval (\d+)s/.exec(file)?.[1])).toBeLessThan(drainSeconds / 10);
  });

  it("Kubernetes with several servers: a new pod is ready before an old one drains, and then has the time for it", () => {
    const documents = parseAllDocuments(read("cluster/kubernetes.yaml")).map((document) => document.toJS());
    expect(documents.map(({ kind }) => kind)).toEqual(["Deployment", "PodDisruptionBudget", "Service", "Ingress"]);
    const [deployment, budget, service, ingress] = documents;
    expect(deployment.spec.strategy.rollingUpdate).toMatchObject({ maxUnavailable: 0 });
    expect(deployment.spec.replicas - budget.spec.maxUnavailable).toBeGreaterThanOrEqual(2);
    const { spec, metadata } = deployment.spec.template;
    const [server] = spec.containers;
    const env = Object.fromEntries(server.env.map(({ name, value }: Record<string, string>) => [name, value]));
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
      Number(server.lifecycle.preStop.exec.command[1]) + Number(env.DRAIN_TIMEOUT_MS) / 1000 + closingSeconds,
    );
    expect(Object.keys(env).filter((name) => !isSetting(name))).toEqual([]);
    const [, command = ""] =
      /^# {3}kubectl create secret generic (.*\\\n.*)$/m.exec(read("cluster/kubernetes.yaml")) ?? [];
    const keys = [...command.matchAll(/--from-file=(\S+)/g)].map(([, name]) => `/secrets/${name}`);
    expect(secretsOf(env).toSorted()).toEqual(keys.toSorted());
    expect(command.startsWith(spec.volumes[0].secret.secretName)).toBe(true);
    const values = Object.entries(env).filter(([name]) => !name.endsWith("_FILE"));
    expect(Settings.safeParse(Object.fromEntries(values)).success).toBe(true);
    expect(server.readinessProbe.httpGet.path).toBe("/readyz");
    expect(server.livenessProbe.httpGet.path).toBe("/healthz");
    expect(server.volumeMounts.map(({ mountPath }: Record<string, string>) => mountPath)).toContain("/tmp");
    for (const { matchLabels } of [deployment.spec.selector, budget.spec.selector]) {
      expect(matchLabels).toEqual(metadata.labels);
    }
    expect(service.spec.selector).toEqual(metadata.labels);
    const [{ backend }] = ingress.spec.rules[0].http.paths;
    expect(backend.service).toEqual({ name: service.metadata.name, port: { name: service.spec.ports[0].name } });
    const seconds = ingress.metadata.annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"];
    expect(Number(seconds)).toBeGreaterThan(defaults.SOCKET_IDLE_MS / 1000);
    const size = ingress.metadata.annotations["nginx.ingress.kubernetes.io/proxy-body-size"];
    expect(Number.parseInt(size, 10)).toBeGreaterThan(defaults.FILE_MAX_MB);
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

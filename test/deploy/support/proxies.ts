import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../../support/free-port.ts";
import { publicHost, selfSigned } from "./certificate.ts";

/** How to run a program with its example in `deploy/`. */
interface Program {
  example: string;
  /** What the example names differently: where the servers listen, the proxy's own port, the certificate. */
  changes: (
    ports: { own: number; servers: number[] },
    files: { certificate: string; key: string },
  ) => [string, string][];
  /** The file that the program reads, given the one with the changed example. */
  wrapper?: (site: string, folder: string) => string;
  start: (file: string, folder: string) => [string, ...string[]];
}

const caddyOptions = "{\n\tadmin off\n\tauto_https disable_redirects\n}\n";

const programs = {
  nginx: {
    example: "deploy/nginx.conf",
    changes: ({ own, servers }, { certificate, key }) => [
      ["server 127.0.0.1:4000;", `server 127.0.0.1:${servers[0]};`],
      ["listen 443 ssl;", `listen 127.0.0.1:${own} ssl;`],
      ["/etc/ssl/chat.example.com/fullchain.pem", certificate],
      ["/etc/ssl/chat.example.com/privkey.pem", key],
    ],
    wrapper: (site, folder) =>
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error; events {}\n` +
      `http { access_log off; client_body_temp_path ${folder}/bodies; proxy_temp_path ${folder}/answers; include ${site}; }`,
    start: (file, folder) => ["nginx", "-p", folder, "-c", file],
  },
  caddy: {
    example: "deploy/Caddyfile",
    changes: ({ own, servers }, { certificate, key }) => [
      ["reverse_proxy 127.0.0.1:4000", `reverse_proxy 127.0.0.1:${servers[0]}`],
      ["chat.example.com {", `${caddyOptions}chat.example.com:${own} {\n\tbind 127.0.0.1\n\ttls ${certificate} ${key}`],
    ],
    start: runCaddy,
  },
  "caddy before two": {
    example: "deploy/cluster/Caddyfile",
    changes: ({ own, servers: [first, second] }) => [
      ["reverse_proxy chat-1:4000 chat-2:4000", `reverse_proxy 127.0.0.1:${first} 127.0.0.1:${second}`],
      ["chat.example.com {", `${caddyOptions}http://127.0.0.1:${own} {`], // without TLS, which the other one has
    ],
    start: runCaddy,
  },
} satisfies Record<string, Program>;

export type ProxyName = keyof typeof programs;

export type RunningProxy = Awaited<ReturnType<typeof startProxy>>;

/** Starts a proxy with its example from `deploy/`, in front of servers on this machine. */
export async function startProxy(name: ProxyName, ...servers: number[]) {
  const { example, changes, wrapper, start }: Program = programs[name];
  const folder = mkdtempSync(join(tmpdir(), "proxy-"));
  const port = await freePort();
  let text = readFileSync(example, "utf8");
  for (const [from, to] of changes({ own: port, servers }, await selfSigned(folder))) {
    if (text.split(from).length !== 2) throw new Error(`${example} does not have "${from}" exactly once.`);
    text = text.replace(from, to);
  }
  const site = join(folder, "site");
  writeFileSync(site, text);
  const file = wrapper ? join(folder, "main") : site;
  if (wrapper) writeFileSync(file, wrapper(site, folder));
  const [program, ...args] = start(file, folder);
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: folder } });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (piece: string) => said.push(piece));
  const exited = once(child, "exit");
  await Promise.race([
    accepting(port),
    exited.then(() => Promise.reject(new Error(`${name} ended: ${said.join("")}`))),
  ]);
  return {
    /** The address of the page. */
    page: `https://${publicHost}:${port}/chat/`,
    port,
    ask: (path: string, headers: Record<string, string> = {}) => answer(port, path, headers),
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function runCaddy(file: string): [string, ...string[]] {
  return ["caddy", "run", "--adapter", "caddyfile", "--config", file];
}

/** Resolves once something listens there. */
async function accepting(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
}

/** Requests a path of `publicHost`. */
async function answer(port: number, path: string, headers: Record<string, string>) {
  const host = { host: "127.0.0.1", port, servername: publicHost, rejectUnauthorized: false };
  const asked = request({ ...host, path, agent: false, headers: { host: `${publicHost}:${port}`, ...headers } }).end();
  const [response] = await once(asked, "response");
  response.resume();
  return { status: response.statusCode as number, location: response.headers.location as string | undefined };
}

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type ProjectWithEngines, projectWith } from "../stock/engines.ts";
import type { Client, TurnSeen } from "../support/client.ts";
import { type ModelServer, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";

const source = `
import { createAgent } from "langchain";
import { mcpTools } from "./mcp.ts";
import { model } from "./model.ts";

const agent = (...servers) => createAgent({ model: model(), tools: servers.flatMap((name) => mcpTools(name)) });
export const local = agent("local");
export const remote = createAgent({ model: model(), tools: [...(await mcpTools("remote"))] });
export const both = agent("local", "odd");
export const odd = agent("odd");
export const down = agent("down");
export const unnamed = agent("unnamed");
`;

const root = new URL("../..", import.meta.url).pathname;
const everything = join(root, "node_modules/@modelcontextprotocol/server-everything/dist/index.js");

let project: ProjectWithEngines;
let model: ModelServer;
let server: SpawnedServer;
let client: Client;
let remote: ChildProcess;
let ports: { remote: number; down: number };

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address ? address.port : 0;
}

/** The protocol's reference server, over streamable HTTP. */
async function startRemote(port: number): Promise<ChildProcess> {
  const env = { PATH: process.env.PATH, PORT: String(port) };
  const child = spawn(process.execPath, [everything, "streamableHttp"], { env, stdio: ["ignore", "ignore", "pipe"] });
  for await (const line of createInterface(child.stderr)) if (line.includes("listening")) break;
  child.stderr.resume();
  return child;
}

const node = { command: process.execPath };

/** A program that no end of its input and no SIGTERM ends. */
const marker = `stubborn-${process.pid}`;
const stubborn = `process.title = "${marker}"; process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)`;
const engines = ["local", "remote", "both", "odd", "down", "unnamed"];

beforeAll(async () => {
  project = projectWith(source, Object.fromEntries(engines.map((name) => [name, `stock(added.${name})`])));
  model = await startModelServer();
  ports = { remote: await freePort(), down: await freePort() };
  remote = await startRemote(ports.remote);
  const file = join(project.folder, "mcp.json");
  const mcpServers = {
    local: { ...node, args: [everything, "stdio"], env: { FROM_FILE: "yes" } },
    remote: { type: "http", url: `http://127.0.0.1:${ports.remote}/mcp` },
    odd: { ...node, args: [join(root, "test/mcp/odd-server.ts")], timeout: 1_000 },
    down: { type: "http", url: `http://127.0.0.1:${ports.down}/mcp`, autoApprove: [] },
    off: { command: "no-such-program", disabled: true },
    missing: { command: "no-such-program", args: ["secret-argument"] },
    talkative: { command: "sh", args: ["-c", "echo I need a key >&2; exit 1", "secret-argument"] },
  };
  writeFileSync(file, JSON.stringify({ mcpServers }));
  const env = { OPENAI_BASE_URL: model.url, DATABASE_URL: `sqlite:${project.folder}/data/test.db`, MCP_SERVERS: file };
  server = await spawnServer({ ...env, OPENAI_API_KEY: "our-secret", LOG_LEVEL: "info" }, project.folder);
  client = await server.connect();
});

afterAll(async () => {
  await client?.close();
  await server?.[Symbol.asyncDispose]();
  remote?.kill("SIGKILL");
  await model?.close();
  project?.[Symbol.dispose]();
});

beforeEach(() => {
  model.reset();
  model.answer(() => "Fine.");
});

const calls = ({ events }: TurnSeen): Record<string, unknown>[] =>
  events.filter(({ event }) => event === "tool_call").map(({ payload }) => ({ ...payload }));

const offered = () => model.requests[0]?.tools.map((tool) => tool.function.name) ?? [];

const conversation = () => client.join(crypto.randomUUID());

/** A turn in which the model calls a tool, then answers. */
async function turnWith(engine: string, name: string, args: object = {}): Promise<TurnSeen> {
  model.next({ toolCalls: [{ name, args, id: "c1" }] }, "Done.");
  return await (await conversation()).ask("Do it.", { options: { engine } });
}

/** The process ids of the server's children. */
function children(): number[] {
  const { stdout } = spawnSync("ps", ["-o", "pid=", "--ppid", String(server.pid)], { encoding: "utf8" });
  return stdout.split("\n").flatMap((line) => Number(line) || []);
}

function commandOf(pid: number): string {
  return spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).stdout;
}

const told = () => model.requests[1]?.messages.at(-1)?.content;

describe("tools of MCP servers", () => {
  it.each(["local", "remote"])("%s: the reference server serves an agent", async (engine) => {
    const turn = await turnWith(engine, "get-sum", { a: 2, b: 40 });
    expect(offered()).toContain("get-sum");
    expect(calls(turn)).toMatchObject([
      { tool_call_id: "c1", tool_name: "get-sum", stage: "started", input: { a: 2, b: 40 } },
      { tool_call_id: "c1", stage: "finished", output: expect.stringContaining("42") },
    ]);
    expect(told()).toContain("42");
    expect(turn.text).toBe("Done.");
  });

  it("an agent may use several servers", async () => {
    const turn = await turnWith("both", "double", { number: 4 });
    expect(offered()).toEqual(expect.arrayContaining(["get-sum", "double"]));
    expect(calls(turn).at(-1)).toMatchObject({ stage: "finished", output: "8" });
  });

  it("a name that model servers would refuse is changed", async () => {
    const turn = await turnWith("odd", "odd_name_1");
    expect(offered()).toContain("odd_name_1");
    expect(calls(turn).at(-1)).toMatchObject({ stage: "finished", output: "odd" });
  });

  it("a server's process gets the environment of the file, and none of our secrets", async () => {
    const turn = await turnWith("local", "get-env");
    const environment = String(calls(turn).at(-1)?.output);
    expect(environment).toContain("FROM_FILE");
    expect(environment).toContain("PATH");
    expect(environment).not.toMatch(/our-secret|API_KEY|key-a|DATABASE_URL|OPENAI/);
  });

  it("an image is named in words", async () => {
    await turnWith("local", "get-tiny-image");
    expect(told()).toMatch(/\[image image\/png, \d+ bytes: it cannot be shown here\]/);
  });

  it("a result that is too long is cut, and the model is told", async () => {
    const turn = await turnWith("odd", "much");
    expect(told()).toMatch(/\[The result was cut here. It has 500000 characters, of which 64000 are shown.\]$/);
    expect(turn.text).toBe("Done.");
  });

  it("an error of a tool fails the call, and the model reads it", async () => {
    const turn = await turnWith("odd", "refuse");
    expect(calls(turn).at(-1)).toMatchObject({ stage: "failed", message: "The tool failed." });
    expect(told()).toContain("no such order");
    expect(turn.text).toBe("Done.");
  });

  it("a call that takes too long fails", async () => {
    const turn = await turnWith("odd", "hang");
    expect(calls(turn).at(-1)).toMatchObject({ stage: "failed" });
    expect(told()).toContain("timed out");
    expect(turn.text).toBe("Done.");
  });

  it("stopping the turn ends the call", async () => {
    const talk = await conversation();
    model.next({ toolCalls: [{ name: "trigger-long-running-operation", args: { duration: 20 } }] });
    const { response } = await talk.push("message", { content: "Wait.", options: { engine: "local" } });
    await talk.next("tool_call");
    await talk.push("stop", {});
    expect((await talk.turn(String(response.turn_id))).terminal.payload.metadata).toMatchObject({ stopped: true });
  });
});

describe("MCP servers that fail", () => {
  const long = { name: "trigger-long-running-operation", args: { duration: 60, steps: 60 } };

  /** Runs a turn whose tool takes a minute, and kills its server meanwhile. */
  async function killedTurn(engine: string, kill: () => void): Promise<TurnSeen> {
    const talk = await conversation();
    model.next({ toolCalls: [{ ...long, id: "c1" }] }, "It broke.");
    const { response } = await talk.push("message", { content: "Go.", options: { engine } });
    await talk.next("tool_call");
    await new Promise((resolve) => setTimeout(resolve, 300)); // the call has to arrive at the server
    kill();
    return await talk.turn(String(response.turn_id));
  }

  it("one that dies in a call fails it, the turn ends, and the next call starts it again", async () => {
    const local = () => children().find((pid) => commandOf(pid).includes("server-everything")) ?? 0;
    const turn = await killedTurn("local", () => process.kill(local(), "SIGKILL"));
    expect(calls(turn).map(({ stage }) => stage)).toEqual(["started", "failed"]);
    expect(turn.text).toBe("It broke.");
    model.reset();
    expect(calls(await turnWith("local", "get-sum", { a: 1, b: 1 })).at(-1)).toMatchObject({ stage: "finished" });
  });

  it("the same over HTTP", async () => {
    const turn = await killedTurn("remote", () => remote.kill("SIGKILL"));
    expect(calls(turn).map(({ stage }) => stage)).toEqual(["started", "failed"]);
    expect(turn.text).toBe("It broke.");
    model.reset();
    const meanwhile = await turnWith("remote", "get-sum", { a: 1, b: 1 });
    expect(calls(meanwhile).at(-1)).toMatchObject({ stage: "failed" });
    expect(told()).toContain("does not answer");
    remote = await startRemote(ports.remote);
    model.reset();
    expect(calls(await turnWith("remote", "get-sum", { a: 1, b: 1 })).at(-1)).toMatchObject({ stage: "finished" });
  });

  it("one that was restarted between two calls has forgotten the session, and is asked in a new one", async () => {
    remote.kill("SIGKILL");
    await once(remote, "exit");
    remote = await startRemote(ports.remote);
    expect(calls(await turnWith("remote", "get-sum", { a: 1, b: 1 })).at(-1)).toMatchObject({ stage: "finished" });
  });

  it("a process that ends itself fails its call alone", async () => {
    expect(calls(await turnWith("odd", "die")).at(-1)).toMatchObject({ stage: "failed" });
    model.reset();
    expect(calls(await turnWith("odd", "double", { number: 1 })).at(-1)).toMatchObject({ stage: "finished" });
  });

  it("one that is down when the server starts fails its tools, and serves them once it is up", async () => {
    const turn = await turnWith("down", "down");
    expect(offered()).toEqual(["down"]);
    expect(calls(turn)).toMatchObject([{ stage: "started" }, { stage: "failed" }]);
    expect(told()).toContain("The server down does not answer.");
    expect(turn.text).toBe("Done.");
    model.reset();
    const madeUp = await turnWith("down", "get-sum", { a: 1, b: 1 });
    expect(calls(madeUp)).toMatchObject([{ tool_name: "get-sum", stage: "started" }, { stage: "failed" }]);
    const late = await startRemote(ports.down);
    model.reset();
    model.next(
      { toolCalls: [{ name: "down", args: {} }] },
      { toolCalls: [{ name: "get-sum", args: { a: 1, b: 1 } }] },
      "Two.",
    );
    const up = await (await conversation()).ask("Again.", { options: { engine: "down" } });
    expect(calls(up).map(({ tool_name, stage }) => `${tool_name} ${stage}`)).toEqual([
      "down started",
      "down finished",
      "get-sum started",
      "get-sum finished",
    ]);
    expect(model.requests[1]?.tools.map((tool) => tool.function.name)).toContain("get-sum");
    late.kill("SIGKILL");
  });

  it("one that cannot be started is named in the log with what it said, without its arguments", () => {
    const log = server.output.join("\n");
    expect(log).toMatch(/"server":"missing","reason":"spawn no-such-program ENOENT"/);
    expect(log).toMatch(/"server":"talkative",.*"said":"I need a key/);
    expect(log).not.toContain("secret-argument");
  });

  it("one that the settings do not name fails its tools, and the log says so at the start", async () => {
    expect(calls(await turnWith("unnamed", "unnamed")).at(-1)).toMatchObject({ stage: "failed" });
    expect(told()).toContain("There is no MCP server");
    expect(server.output.join("\n")).toContain("MCP_SERVERS does not name");
  });

  it("the server's end is the end of their processes", async () => {
    const before = children();
    expect(before.length).toBeGreaterThanOrEqual(2);
    await client.close();
    expect(await server.end("SIGTERM")).toEqual([0, null]);
    for (const pid of before) expect(commandOf(pid)).not.toMatch(/everything|odd-server/);
  });

  it("also of those that do not want to end, and of what they have started", async () => {
    const file = join(project.folder, "stubborn.json");
    const args = ["-c", `trap '' TERM; "${process.execPath}" -e '${stubborn}'; true`];
    writeFileSync(file, JSON.stringify({ mcpServers: { stubborn: { command: "sh", args } } }));
    const own = await spawnServer({ DATABASE_URL: `sqlite:${project.folder}/data/own.db`, MCP_SERVERS: file });
    const isRunning = () => {
      const { stdout } = spawnSync("ps", ["-eo", "stat=,args="], { encoding: "utf8" });
      return stdout.split("\n").some((line) => line.includes(marker) && !line.startsWith("Z"));
    };
    await expect.poll(isRunning).toBe(true);
    expect(await own.end("SIGTERM")).toEqual([0, null]);
    expect(isRunning()).toBe(false);
  });
});

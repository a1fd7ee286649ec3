import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { type Client, connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { type LangSmithServer, startLangSmithServer } from "../support/langsmith-server.ts";
import { faults, type ModelServer, type Reply, startModelServer } from "../support/model-server.ts";
import { type SpawnedServer, spawnServer } from "../support/spawned.ts";
import { start, unlimited } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "failure-words-"));
const modelKey = "own-canary-7";
let model: ModelServer;
let langsmith: LangSmithServer;
let server: SpawnedServer;
let client: Client;

/** Without API_KEYS the server makes a key, and prints it in a link. */
beforeAll(async () => {
  [model, langsmith] = await Promise.all([startModelServer(), startLangSmithServer()]);
  server = await spawnServer({
    ...unlimited,
    API_KEYS: "",
    OPENAI_BASE_URL: `${model.url}?api-key=canary-query-1`,
    OPENAI_API_KEY: modelKey,
    MODEL: "m",
    MODEL_TIMEOUT_MS: "2000",
    ROUTING_THRESHOLD: "1",
    DATABASE_URL: `sqlite:${folder}/test.db`,
    LOG_LEVEL: "trace",
    LANGSMITH_TRACING: "true",
    LANGSMITH_ENDPOINT: langsmith.url,
    LANGSMITH_API_KEY: "langsmith-key",
  });
  const apiKey = await vi.waitUntil(() => /#api_key=(\S+)/.exec(server.output.join("\n"))?.[1]);
  client = await connect(server.url, { apiKey });
});
beforeEach(() => model.reset());
afterAll(async () => {
  await client?.close();
  await server?.end("SIGTERM");
  await Promise.all([model.close(), langsmith.close()]);
  rmSync(folder, { recursive: true, force: true });
});

type Line = Record<string, unknown>;

/** The lines of the log about a turn, once its end is logged. */
async function logOf(turnId: string): Promise<Line[]> {
  const lines = () =>
    server.output
      .filter((line) => line.startsWith("{"))
      .map((line): Line => JSON.parse(line))
      .filter((line) => line.turn_id === turnId);
  await expect.poll(() => lines().some(({ msg }) => msg === "turn ended")).toBe(true);
  return lines();
}

async function ask(content = "Why?", payload: object = simple) {
  const conversation = await client.join(crypto.randomUUID());
  const { terminal, turnId } = await conversation.ask(content, payload);
  return { terminal, turnId, conversation, log: await logOf(turnId) };
}

const failure = (status: number, message: string, code: string | null = null): Reply => ({
  status,
  error: { message, code },
});
const page = (status: number) => ({ status, rawBody: "<!doctype html><style>b{}</style><h1>Access denied</h1>" });

describe("one line of the log, and the operator's page, say what the server said and what to do", () => {
  it.each<[string, Reply, number | undefined, string | undefined, RegExp]>([
    ["a wrong key", failure(401, "Bad key"), 401, "Bad key", /check OPENAI_API_KEY/],
    ["an unknown model", faults.modelNotFound, 404, undefined, /does not know the model m: check MODEL/],
    ["no credit", faults.quotaExceeded, 429, "You exceeded your current quota. (insufficient_quota)", /no credit left/],
    ["a wrong path", failure(404, "Unknown request URL"), 404, "Unknown request URL", /check OPENAI_BASE_URL/],
    [
      "a rate limit",
      { ...failure(429, "Slow down"), headers: { "retry-after": "99" } },
      429,
      "Slow down",
      /limits how/,
    ],
    ["a firewall's page", page(403), 403, "Access denied", /a proxy or a firewall before the model server/],
    ["a page instead of a reply", { ...page(200), status: 200 }, undefined, undefined, /not that of a working model/],
    ["silence", faults.hang, undefined, undefined, /raise MODEL_TIMEOUT_MS/],
  ])("for %s", async (_what, reply, status, said, help) => {
    model.answer(() => reply);
    const { terminal, log, conversation } = await ask();
    const address = `${model.url}/chat/completions`;
    const failed = log.filter(({ msg }) => msg === "turn failed");
    const expected = { model: "m", address, ...(status && { status }), help: expect.stringMatching(help) };
    expect(failed).toEqual([expect.objectContaining({ level: 40, ...expected, ...(said && { said }) })]);
    expect(JSON.stringify(log).split(address)).toHaveLength(2);
    const operator = { ...expected, message: said ?? expect.any(String) };
    expect(terminal).toMatchObject({ event: "error", payload: { details: { operator } } });
    const { response } = await conversation.push("get_history");
    expect(response.turns[0]?.metadata.error).toMatchObject({ operator });
  });

  it("once a minute: the lines of later turns are short", async () => {
    model.answer(() => failure(401, "Over and over 1"));
    const first = await ask();
    const second = await ask();
    expect(first.log.filter(({ help }) => help)).toHaveLength(1);
    expect(second.log.filter(({ msg }) => msg === "turn failed")).toEqual([
      expect.objectContaining({ code: "model_unavailable", turn_id: second.turnId }),
    ]);
    expect(second.log.filter(({ help, address }) => help ?? address)).toEqual([]);
    expect(second.terminal.payload.details).toHaveProperty("operator.help");
  });

  it("for a turn whose router and steps fail for the same reason, too", async () => {
    model.answer(() => failure(401, "No key will do"));
    const { log, terminal } = await ask("Compare two databases", {});
    expect(terminal.event).toBe("error");
    const told = log.filter(({ help }) => help);
    expect(told).toEqual([expect.objectContaining({ msg: "turn failed", said: "No key will do" })]);
  });

  it("for a step that fails alone", async () => {
    model.answer(({ system, structured }) =>
      structured || system.includes('"properties"') ? failure(500, "Out of memory") : { text: "The answer" },
    );
    const { log, terminal } = await ask("Why?", { options: { engine: "analysis" } });
    expect(terminal.event).toBe("response");
    const told = log.filter(({ help }) => help);
    expect(told).toEqual([
      expect.objectContaining({ step: "inspect", code: "model_unavailable", said: "Out of memory", status: 500 }),
    ]);
  });
});

describe("secrets in what a model server says", () => {
  const canaries = [
    "sk-canary-abcdef0123456789",
    "sk-proj-abc***canary",
    "AIzaSyCanary0123456789abcdefghij",
    "Bearer canary-bearer-token",
    "eyJhbGciOiJIUzI1NiJ9.canary.signature",
    "3f2504e0-4f89-11d3-9a0c-0305e82cc401",
    "0123456789abcdef0123456789abcdef",
    "AKIAIOSFODNN7CANARY0",
    "ghp_canary0123456789",
    modelKey,
  ];
  const messages = [
    ...canaries.map((key) => `Incorrect API key provided: ${key}. See https://${key}@host.example/?api-key=${key}`),
    ...canaries.map((key) => `{"authorization":"${key}","x":"${key}"}`),
    `Encoded: ${Buffer.from(modelKey).toString("base64")} ${encodeURIComponent(modelKey)}`,
    "Cannot POST /v1/chat/completions?api-key=canary-query-1",
  ];
  const leaks = /canary|3f2504e0|0123456789abcdef|AKIA/i;

  it("reach neither a client, nor the log at any level, nor the database, nor LangSmith; and neither do quoted messages", async () => {
    const content = "My whole private life\nand nothing but my life";
    const kinds: ((message: string) => Reply)[] = [
      (message) => failure(401, message, "code_0123456789abcdef"),
      (message) => ({
        text: "Half",
        inject: { after: 1, raw: `data: ${JSON.stringify({ error: { message, code: 401 } })}\n\n` },
      }),
      (message) => ({ rawBody: `<html>${message}</html>`, status: 502, headers: { "retry-after": "99" } }),
      (message) => failure(400, `Invalid message: "${content}", ${message}`),
    ];
    for (const [at, message] of messages.entries()) {
      model.answer(() => kinds[at % kinds.length]?.(message));
      const { terminal, log, conversation } = await ask(content);
      expect(JSON.stringify(terminal)).not.toMatch(leaks);
      expect(JSON.stringify(log)).not.toMatch(/private life|nothing but my life/);
      await conversation.leave();
    }
    await expect.poll(() => langsmith.runs.size).toBeGreaterThan(3);
    model.answer(() => failure(401, messages.join(" ")));
    const { terminal } = await ask("Compare two databases", {});
    expect(JSON.stringify(terminal)).not.toMatch(leaks);
    expect(server.output.filter((line) => leaks.test(line))).toEqual([]);
    const kept = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
    const files = kept.map(({ name }) => readFileSync(join(folder, name), "latin1"));
    expect(files.filter((bytes) => leaks.test(bytes))).toEqual([]);
    expect(files.some((bytes) => bytes.includes("private life"))).toBe(true);
    const sent = langsmith.requests.map(({ text }) => text).filter((text) => leaks.test(text));
    expect(sent).toEqual([]);
  });

  it("and all of its other words stay from clients with keys of their own", async () => {
    await using other = await start();
    await using stranger = await other.connect();
    other.model.answer(() => failure(401, "Words of the vendor", "vendor_code"));
    const conversation = await stranger.join("c");
    const { terminal } = await conversation.ask("Why?", simple);
    const { response } = await conversation.push("get_history");
    expect(terminal.payload).toMatchObject({ details: { code: "model_unavailable" } });
    const told = JSON.stringify([terminal, response, conversation.events]).replace(/"processing_time":\d+/g, "");
    expect(told).not.toMatch(/vendor|operator|\b401\b|127\.0\.0\.1/i);
  });
});

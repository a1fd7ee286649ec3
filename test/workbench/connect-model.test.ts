import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { link, run, workingFolder } from "../start/support.ts";
import { connect } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate, type ModelServer, refusingUrl, startModelServer } from "../support/model-server.ts";
import { start } from "../support/start.ts";

const key = "sk-canary-of-this-test";
const other = await startModelServer({ checkRequests: false });
const server = await start({
  PLAYGROUND_EDIT: "1",
  WORKBENCH_KEYS: "key-a",
  RATE_LIMIT_MESSAGES: "0",
  OPENAI_API_KEY: "",
  OPENAI_BASE_URL: "",
  DEMO_WORD_MS: "0",
  MODEL_TIMEOUT_MS: "2000",
});

beforeEach(() => other.reset());
afterAll(async () => {
  await server.close();
  await other.close();
});

async function bench(at = server, apiKey = "key-a") {
  const client = await at.connect({ apiKey });
  onTestFinished(() => client.close());
  const id = crypto.randomUUID();
  const conversation = await client.join(id);
  return { client, conversation, workbench: await client.join(`workbench:${id}`) };
}

type Bench = Awaited<ReturnType<typeof bench>>["workbench"];

async function checked(workbench: Bench, payload: object) {
  const { status, response } = await workbench.push("check_model", payload);
  expect(status, JSON.stringify(response)).toBe("ok");
  const { check_id } = response as unknown as { check_id: string };
  const finished = await workbench.next(
    "model_checked",
    (one) => (one as unknown as { check_id: string }).check_id === check_id,
  );
  const checks = workbench.events.filter(({ event }) => event === "model_check").map(({ payload: one }) => one);
  return { check_id, checks, finished };
}

const named = (model: ModelServer, extra: object = {}) => ({
  base_url: model.url,
  model: "second",
  api_key: key,
  ...extra,
});

describe("connecting a model", () => {
  it("streams the doctor's checks, and the next answer comes from the new model", async () => {
    const { conversation, workbench } = await bench();
    expect(workbench.joins[0]).toMatchObject({
      model: { name: "demo", is_demo: true, can_connect: true, can_save: false },
    });
    const { check_id, checks, finished } = await checked(workbench, named(other));
    expect(checks).toMatchObject([
      { check_id, kind: "plain", result: "ok" },
      { check_id, kind: "streamed", result: "ok" },
      { check_id, kind: "structured", result: "ok", note: "by its JSON schema" },
    ]);
    expect(finished).toMatchObject({ can_use: true, is_fit: true, sentence: "Fit for use." });
    expect((await conversation.ask("Hi", simple)).text).toContain("Demo model");
    expect(await workbench.push("use_model", { check_id })).toMatchObject({
      status: "ok",
      response: { overridden: [] },
    });
    const shown = { model: { name: "second", is_demo: false, server: other.url }, models: ["second", "gpt-4"] };
    expect(await workbench.next("model_changed")).toMatchObject(shown);
    expect((await conversation.ask("Hi", simple)).text).toBe("Answer to: Hi");
    expect(other.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
    const chosen = await conversation.push("message", { content: "Hi", llm_config: { model: "gpt-4.1-mini" } });
    expect(chosen).toMatchObject({ status: "error", response: { reason: "model_not_allowed" } });
    expect(JSON.stringify([workbench.events, conversation.events, workbench.joins])).not.toContain(key);
  });

  it("a turn that runs keeps its model", async () => {
    await using first = await start({ PLAYGROUND_EDIT: "1", WORKBENCH_KEYS: "key-a" });
    const { conversation, workbench } = await bench(first);
    const held = gate();
    first.model.next({ text: "From the first.", gate: held });
    const { response } = await conversation.push("message", { content: "Hi", ...simple });
    await held.held();
    const { check_id } = await checked(workbench, named(other));
    await workbench.push("use_model", { check_id });
    held.open();
    expect((await conversation.turn(response.turn_id)).text).toBe("From the first.");
    expect((await conversation.ask("Hello", simple)).terminal.payload).toMatchObject({ response: "Answer to: Hello" });
    expect(first.model.requests.length).toBe(1);
  });

  it("a wrong key: what the server said, what to check, and no use of it", async () => {
    const { workbench } = await bench();
    other.answer(() => ({ status: 401, error: { message: `Incorrect API key provided: ${key}` } }));
    const { check_id, checks, finished } = await checked(workbench, named(other));
    expect(checks).toMatchObject([
      { kind: "plain", result: "failed", status: 401, help: expect.stringContaining("check the key") },
      { kind: "streamed", result: "skipped" },
      { kind: "structured", result: "skipped" },
    ]);
    expect(finished).toMatchObject({ can_use: false, is_fit: false });
    expect(finished.sentence).not.toMatch(/OPENAI_/);
    const used = await workbench.push("use_model", { check_id });
    expect(used).toMatchObject({ status: "error", response: { reason: "not_allowed" } });
    expect(JSON.stringify(workbench.events)).not.toContain(key);
  });

  it("an address without /v1 is found, and used with it", async () => {
    const { conversation, workbench } = await bench();
    const { check_id, finished } = await checked(workbench, named(other, { base_url: other.url.replace("/v1", "") }));
    expect(finished).toMatchObject({ can_use: true });
    await workbench.push("use_model", { check_id });
    expect(await workbench.next("model_changed")).toMatchObject({ model: { server: other.url } });
    expect((await conversation.ask("Found", simple)).text).toBe("Answer to: Found");
  });

  it("a check ends when it is stopped, when another begins, and when its member leaves", async () => {
    const { client, workbench } = await bench();
    other.answer(() => ({ text: "late", stallAfter: "request" }));
    for (const end of [
      () => workbench.push("stop_check"),
      () => workbench.push("check_model", named(other)),
      () => workbench.leave(),
    ]) {
      const from = other.requests.length;
      await workbench.push("check_model", named(other, { model: `number-${from}` }));
      const request = await other.waitForRequest(from + 1);
      await end();
      await expect.poll(() => request.closedByClientAt).toBeDefined();
    }
    expect(client.socket.isConnected()).toBe(true);
    expect(workbench.events.filter(({ event }) => event === "model_checked")).toEqual([]);
  });

  it("lists the models that a server offers, with or without /v1, and none if it tells nothing", async () => {
    const { workbench } = await bench();
    const offered = async (base_url: string) =>
      (await workbench.push("get_models", { base_url, api_key: key })).response;
    expect(await offered(other.url)).toEqual({ models: ["gpt-test"] });
    expect(await offered(other.url.replace("/v1", ""))).toEqual({ models: ["gpt-test"] });
    expect(await offered(`${other.url}/elsewhere`)).toEqual({ models: [] });
    expect(await offered(await refusingUrl())).toEqual({ models: [] });
  });

  it("another member cannot use a check", async () => {
    const [one, two] = [await bench(), await bench()];
    const { check_id } = await checked(one.workbench, named(other));
    expect(await two.workbench.push("use_model", { check_id })).toMatchObject({ response: { reason: "not_found" } });
  });

  it.each([
    ["no address and no key", { model: "m" }],
    ["an address that is none", { model: "m", base_url: "localhost:11434" }],
    ["an address of a file", { model: "m", base_url: "file:///etc/passwd" }],
    ["an address with a password", { model: "m", base_url: "http://a:b@localhost/v1" }],
    ["a key with a line break", { model: "m", api_key: "a\nb: c" }],
    ["a key that is too long", { model: "m", api_key: "x".repeat(5_000) }],
    ["no name", { model: " ", api_key: "k" }],
    ["a name with a comma", { model: "a,b", api_key: "k" }],
    ["a provider's model", { model: "anthropic:claude-sonnet-4-5", api_key: "k" }],
  ])("%s is refused", async (_what, payload) => {
    const { workbench } = await bench();
    const { status, response } = await workbench.push("check_model", payload);
    expect([status, response.reason]).toEqual(["error", "invalid_payload"]);
  });
});

describe("who may connect a model", () => {
  const refused = { status: "error", response: { reason: "not_allowed" } };

  it("only keys in WORKBENCH_KEYS", async () => {
    const { workbench } = await bench(server, "key-b");
    expect(workbench.joins[0]).toMatchObject({ model: { can_connect: false } });
    expect(JSON.stringify(workbench.joins[0])).not.toContain(other.url);
    expect(await workbench.push("check_model", named(other))).toMatchObject(refused);
    expect(await workbench.push("use_model", { check_id: "any" })).toMatchObject(refused);
    expect(await workbench.push("get_models", { base_url: other.url })).toMatchObject(refused);
    expect(other.requests.length).toBe(0);
  });

  it("nobody without PLAYGROUND_EDIT, and there is no such channel in production", async () => {
    await using closed = await start({ WORKBENCH: "1", WORKBENCH_KEYS: "key-a" });
    const { workbench } = await bench(closed);
    expect(await workbench.push("check_model", named(other))).toMatchObject(refused);
    const production = { NODE_ENV: "production", PLAYGROUND_EDIT: "1", WORKBENCH_KEYS: "key-a" };
    await using live = await start(production);
    await expect(bench(live)).rejects.toMatchObject({ response: { reason: "unmatched topic" } });
  });

  it("nothing is saved without npm run dev", async () => {
    const { workbench } = await bench();
    const { check_id } = await checked(workbench, named(other));
    expect(await workbench.push("use_model", { check_id, save: true })).toMatchObject(refused);
  });
});

describe("under npm run dev", { retry: 2 }, () => {
  it("the model is kept in .env, beside what is there, without a restart, and the key is not logged", async () => {
    const folder = workingFolder();
    const file = join(folder, ".env");
    writeFileSync(file, '# mine\nLOG_LEVEL="debug"\nMODEL=old # why\n');
    const program = run(folder, { MODEL_TIMEOUT_MS: "2000" }, { isDev: true });
    const page = new URL(await program.printed(link));
    const client = await connect(`ws://${page.host}/socket`, { apiKey: page.hash.slice("#api_key=".length) });
    onTestFinished(() => client.close());
    const conversation = await client.join("kept");
    const workbench = await client.join("workbench:kept");
    const { check_id } = await checked(workbench, named(other));
    expect(await workbench.push("use_model", { check_id, save: true })).toMatchObject({ response: { overridden: [] } });
    expect(readFileSync(file, "utf8")).toBe(
      `# mine\nLOG_LEVEL="debug"\nMODEL=second # why\nOPENAI_API_KEY=${key}\nOPENAI_BASE_URL=${other.url}\n`,
    );
    expect((await conversation.ask("Hi", simple)).text).toBe("Answer to: Hi");
    writeFileSync(file, `${readFileSync(file, "utf8")}DEMO_WORD_MS=1\n`);
    await program.printed(/(\.env has changed)/); // the watcher works, and has not seen the saving
    expect(program.output.match(/\.env has changed/g)).toHaveLength(1);
    expect(program.output + program.errors).not.toContain(key);
    expect(program.output).toContain("a model was connected in the playground");
  });
});

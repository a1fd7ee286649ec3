import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Conversation, Payload } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import type { ShownPrompt } from "../support/payload.ts";
import { start } from "../support/start.ts";

const folder = mkdtempSync(join(tmpdir(), "prompts-"));
cpSync("prompts", folder, { recursive: true });
const server = await start({
  PROMPTS_DIR: folder,
  PLAYGROUND_EDIT: "1",
  WORKBENCH_KEYS: "key-a",
  RATE_LIMIT_MESSAGES: "0",
});
const client = await server.connect();
let conversation: Conversation;
let bench: Conversation;

beforeEach(async () => {
  server.model.reset();
  const id = crypto.randomUUID();
  conversation = await client.join(id);
  bench = await client.join(`workbench:${id}`);
});
afterAll(async () => {
  await client.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const onDisk = (name: string) => readFileSync(join(folder, `${name}.md`), "utf8");
const promptNamed = (list: ShownPrompt[] | undefined, name: string) => list?.find((one) => one.name === name);

describe("the workbench's channel", () => {
  it("the workbench shows LangGraph's drawings of the graphs, and every prompt with the engines that use it", () => {
    const [reply] = bench.joins as [Payload];
    expect(reply).toMatchObject({ can_edit: true, graph_fault: null });
    expect(reply.graphs.map(({ name }) => name)).toEqual(
      "conversation simple complex analysis generation problem_solving multi_step".split(" "),
    );
    expect(reply.graphs[0]?.mermaid).toContain("router -.-> simple");
    expect(reply.graphs[0]?.nodes).toContain("problem_solving");
    expect(promptNamed(reply.prompts, "problem-solver.answer")).toMatchObject({
      engines: ["problem_solving"],
      fault: null,
    });
    expect(promptNamed(reply.prompts, "router")).toMatchObject({ engines: [], variables: ["menu"] });
    expect(promptNamed(reply.prompts, "simple")?.source).toBe(onDisk("simple"));
  });

  it("the workbench is open to the conversation's owner only", async () => {
    const id = conversation.topic.slice("conversation:".length);
    await using other = await server.connect({ apiKey: "key-b" });
    await expect(other.join(`workbench:${id}`)).rejects.toMatchObject({ response: { reason: "not_found" } });
    await expect(client.join("workbench:never-joined")).rejects.toMatchObject({ response: { reason: "not_found" } });
    const { turnId } = await conversation.ask("Mine", simple);
    const theirs = await other.join(crypto.randomUUID());
    const bench = await other.join(theirs.topic.replace("conversation:", "workbench:"));
    for (const event of ["get_turn", "replay", "get_dataset_line"]) {
      expect(await bench.push(event, { turn_id: turnId })).toMatchObject({
        status: "error",
        response: { reason: "not_found" },
      });
    }
    expect((await bench.push("get_conversations")).response).toMatchObject({ conversations: [{ turns: 0 }] });
  });

  it("prompts are saved only for the keys in WORKBENCH_KEYS", async () => {
    await using other = await server.connect({ apiKey: "key-b" });
    const theirs = await other.join(crypto.randomUUID());
    const bench = await other.join(theirs.topic.replace("conversation:", "workbench:"));
    expect(bench.joins[0]).toMatchObject({ can_edit: false });
    expect((await bench.push("get_prompts")).response).toMatchObject({ can_edit: false });
    const { hash } = promptNamed((bench.joins[0] as Payload).prompts, "simple") as ShownPrompt;
    const before = onDisk("simple");
    const saving = { name: "simple", source: `${before}\nMore.`, was: hash };
    expect(await bench.push("save_prompt", saving)).toMatchObject({ response: { reason: "not_allowed" } });
    expect(onDisk("simple")).toBe(before);
  });

  it("the workbench's topic does not exist when it is off or in production", async () => {
    for (const env of [{ WORKBENCH: "0" }, { NODE_ENV: "production", WORKBENCH: "1", PLAYGROUND_EDIT: "1" }] as Record<
      string,
      string
    >[]) {
      await using closed = await start(env);
      await using client = await closed.connect();
      await client.join("c");
      await expect(client.join("workbench:c")).rejects.toMatchObject({ response: { reason: "unmatched topic" } });
    }
  });

  it("the workbench lists the user's conversations, newest first, by their first messages", async () => {
    await conversation.ask("What is a monad?", simple);
    await conversation.ask("And a functor?", simple);
    const id = conversation.topic.slice("conversation:".length);
    const { response } = await bench.push("get_conversations", { limit: 2 });
    expect(response.conversations[0]).toMatchObject({
      conversation_id: id,
      title: "What is a monad?",
      turns: 2,
      running: false,
    });
  });

  it("the workbench checks a prompt's text and reports problems", async () => {
    const check = async (source: string) => await bench.push("check_prompt", { name: "simple", source });
    expect(await check(onDisk("simple"))).toMatchObject({
      status: "ok",
      response: { hash: expect.stringMatching(/^[0-9a-f]{12}$/) },
    });
    expect(await check("---\ndescription: x\n---\n{{nope}}")).toMatchObject({
      status: "error",
      response: { reason: "invalid_prompt", message: expect.stringContaining("simple.md: unknown variable {{nope}}") },
    });
    expect(await bench.push("check_prompt", { name: "../secret", source: "" })).toMatchObject({
      response: { reason: "not_found" },
    });
  });

  it("a prompt saved in the workbench is used by the next answer, and announced to every page", async () => {
    const { prompts } = (await bench.push("get_prompts")).response;
    const { hash, source } = promptNamed(prompts, "simple") ?? { hash: "", source: "" };
    const edited = `${source}\nRhyme.`;
    const saved = await bench.push("save_prompt", { name: "simple", source: edited, was: hash });
    expect(saved).toMatchObject({ status: "ok" });
    await conversation.ask("Hi", simple);
    expect(server.model.requests.at(-1)?.system).toMatch(/Rhyme\.$/);
    expect(onDisk("simple")).toBe(edited);
    expect(promptNamed((await bench.next("prompts_changed")).prompts, "simple")).toMatchObject({
      hash: saved.response.hash,
    });
    const late = await bench.push("save_prompt", { name: "simple", source: `${source}\nShout.`, was: hash });
    expect(late).toMatchObject({ status: "error", response: { reason: "edit_conflict", details: { source: edited } } });
    const broken = await bench.push("save_prompt", {
      name: "simple",
      source: "no front matter",
      was: saved.response.hash,
    });
    expect(broken).toMatchObject({ status: "error", response: { reason: "invalid_prompt" } });
    expect(onDisk("simple")).toBe(edited);
  });

  it("the workbench reports an invalid prompt file, and its last valid version stays in use", async () => {
    const good = onDisk("simple");
    writeFileSync(join(folder, "simple.md"), "---\nbroken");
    const told = await bench.next(
      "prompts_changed",
      (payload) => promptNamed(payload.prompts, "simple")?.fault !== null,
    );
    expect(promptNamed(told.prompts, "simple")).toMatchObject({
      fault: expect.stringContaining("front matter"),
      source: "---\nbroken",
    });
    expect((await fetch(`${server.http}/readyz`)).status).toBe(200);
    await conversation.ask("Still there?", simple);
    expect(server.model.requests.at(-1)?.system).toContain(good.trim().split("\n").at(-1));
    writeFileSync(join(folder, "simple.md"), good);
    await bench.next("prompts_changed", (payload) => promptNamed(payload.prompts, "simple")?.fault === null);
  });

  it("the workbench survives unreadable prompt files: a link to itself, a folder, a file that is too large", async () => {
    const good = onDisk("simple");
    const faultOf = (payload: Payload) => promptNamed(payload.prompts, "simple")?.fault ?? null;
    for (const spoil of [
      () => symlinkSync("simple.md", join(folder, "simple.md")),
      () => mkdirSync(join(folder, "simple.md")),
      () => writeFileSync(join(folder, "simple.md"), `${good}${"x".repeat(70_000)}`),
    ]) {
      rmSync(join(folder, "simple.md"));
      spoil();
      await bench.next("prompts_changed", (payload) =>
        /: (?:the file cannot|expected a file)/.test(faultOf(payload) ?? ""),
      );
      expect((await conversation.ask("Still there?", simple)).terminal.event).toBe("response");
      rmSync(join(folder, "simple.md"), { recursive: true, force: true });
      writeFileSync(join(folder, "simple.md"), good);
      await bench.next("prompts_changed", (payload) => faultOf(payload) === null);
    }
  });

  it("the workbench shows each node of a running turn with its input and output", async () => {
    const door = gate();
    server.model.next({ json: { steps: ["One"] } }, { text: "```js\n1\n```", gate: door });
    const { response } = await conversation.push("message", { content: "Write it", options: { engine: "generation" } });
    const node = (event: string, path: string) => bench.next(event, (payload) => payload.path.join(".") === path);
    expect(await node("node_started", "router")).toMatchObject({ turn_id: response.turn_id, node: "router" });
    expect(await node("node_finished", "generation.plan")).toMatchObject({
      output: { steps: ["One"] },
      ms: expect.any(Number),
    });
    expect(await node("node_started", "generation.write")).toMatchObject({ input: { question: "Write it" } });
    expect(bench.events.some(({ payload }) => payload.path?.join(".") === "generation.write" && "ms" in payload)).toBe(
      false,
    );
    door.open();
    expect((await node("node_finished", "generation")).output).toMatchObject({ answer: "```js\n1\n```" });
  });
});

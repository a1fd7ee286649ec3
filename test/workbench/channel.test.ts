import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Conversation, Payload } from "../support/client.ts";
import { simple } from "../support/conversation.ts";
import { gate } from "../support/model-server.ts";
import type { NodeEvent, Problem, ShownPrompt } from "../support/payload.ts";
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

  it("a faulty prompt's problems are told with their places, all at once", async () => {
    const source = "---\ndescription: x\ntemperature: 3\ncolour: red\n---\nSay {{langage}} to\n  {{#each}}.";
    const { status, response } = await bench.push("check_prompt", { name: "simple", source });
    expect(status).toBe("error");
    expect(response.details.problems).toMatchObject([
      { message: "temperature: expected a number from 0 to 2", line: 3, column: 1, end_line: 3, end_column: 15 },
      { message: expect.stringMatching(/^colour: expected only description/), line: 4, column: 1, end_column: 12 },
      { message: expect.stringContaining("{{langage}}"), line: 6, column: 5, end_line: 6, end_column: 16 },
      { message: expect.stringContaining("{{#each}}"), line: 7, column: 3, end_column: 12 },
    ]);
    const places = async (source: string, name = "simple") => {
      const { problems } = (await bench.push("check_prompt", { name, source })).response.details;
      return (problems as Problem[]).map(({ line, column, message }) => [line, column, message]);
    };
    expect(await places("\uFEFFno front matter\r\nat all")).toEqual([
      [1, 1, expect.stringContaining("expected YAML front matter")],
    ]);
    expect(await places("---\ndescription: x\n---\nNo menu.", "router")).toEqual([[4, 1, "missing variable {{menu}}"]]);
    expect(await places("---\nmodel: x\n---\nHi")).toEqual([[2, 1, "description: say what the prompt does"]]);
    expect(await places("---\ndescription: x\n---\n \n")).toEqual([[3, 4, "the text is empty"]]);
    expect(await places("---\ndescription: x\n bad: [\n---\nHi")).toMatchObject([
      [expect.any(Number), expect.any(Number), expect.anything()],
    ]);
    const flood = `---\ndescription: x\n---\n${"{{nope}} ".repeat(5_000)}`;
    expect(await places(flood)).toHaveLength(50);
  });

  it("the workbench names the keys of a prompt's front matter, for completion", () => {
    const [reply] = bench.joins as [Payload];
    expect(reply.front_matter.map(({ name }) => name)).toEqual(
      "description model temperature max_tokens top_p".split(" "),
    );
    expect(reply.front_matter[2]).toEqual({ name: "temperature", about: "From 0 to 2." });
  });

  it("the workbench compares two texts by lines, and changed lines by words", async () => {
    const { response } = await bench.push("compare", {
      before: "One\nTwo cats\nThree\n",
      after: "One\nTwo dogs\nThree\nFour\n",
    });
    expect(response.lines).toEqual([
      { sign: " ", parts: [{ value: "One" }] },
      { sign: "-", parts: [{ value: "Two " }, { value: "cats", removed: true }] },
      { sign: "+", parts: [{ value: "Two " }, { value: "dogs", added: true }] },
      { sign: " ", parts: [{ value: "Three" }] },
      { sign: "+", parts: [{ value: "Four" }] },
    ]);
    const long = Array.from({ length: 12_000 }, (_, at) => `${at % 97}`).join("\n");
    const { status } = await bench.push("compare", { before: long, after: [...long].toReversed().join("") });
    expect(status).toBe("ok");
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

  it("a turn's record tells what the router saw, and who decided", async () => {
    await conversation.push("set_context", { context: { project: "Umbrella" } });
    await conversation.ask("What is a GenServer?", simple);
    server.model.next({ json: { type: "simple", confidence: 0.7, reason: "Short.", standalone_question: "" } }, "So.");
    const { turnId } = await conversation.ask("Which engine would you take for that?");
    const { router } = (await bench.push("get_turn", { turn_id: turnId })).response;
    expect(router).toMatchObject({
      message: "Which engine would you take for that?",
      history: [{ role: "user", content: "What is a GenServer?" }, { role: "assistant" }],
      earlier_messages: 0,
      context: { project: "Umbrella" },
      chosen_engine: null,
      decision: { conversation_type: "simple", routing: { decided_by: "model", confidence: 0.7, reason: "Short." } },
      local: { sure: false, threshold: expect.any(Number), reasons: expect.any(Array) },
      asked: { type: "simple" },
    });
    const sum = Object.values(router.local.probabilities as Record<string, number>).reduce((all, one) => all + one, 0);
    expect(sum).toBeCloseTo(1);
    const { turnId: chosen } = await conversation.ask("Again", simple);
    expect((await bench.push("get_turn", { turn_id: chosen })).response.router).toMatchObject({
      chosen_engine: "simple",
      decision: { routing: { decided_by: "client" } },
      asked: null,
    });
  });

  it("a turn's record has the nodes and model calls that were seen while it ran, on one clock", async () => {
    server.model.next({ json: { steps: ["One"] } }, "```js\n1\n```");
    const { turnId } = await conversation.ask("Write it", { options: { engine: "generation" } });
    const { runs, first_word_ms, turn } = (await bench.push("get_turn", { turn_id: turnId })).response;
    expect(runs.map(({ event, path }: NodeEvent) => `${event} ${path.join(".")}`)).toEqual(
      expect.arrayContaining([
        "node_started router",
        "node_started generation.plan",
        "call_started generation.plan",
        "call_finished generation.plan",
        "node_finished generation.write",
      ]),
    );
    for (const { event, at } of runs) if (event.endsWith("started")) expect(at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    expect(first_word_ms).toBeGreaterThanOrEqual(0);
    expect(first_word_ms).toBeLessThanOrEqual(turn.metadata.processing_time);
    expect(turn.metadata).not.toHaveProperty("first_word_ms");
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

import { setTimeout as sleep } from "node:timers/promises";

import { Device } from "./any-order-device.ts";
import { type Asking, linesOf, type Step, script } from "./asking-engine.ts";

type Target = number;

export type Action =
  | { do: "message"; device: number; kind: Kind; whenBusy: "queue" | "replace" }
  | { do: "edit"; device: number; target: Target; kind: Kind }
  | { do: "regenerate"; device: number; target: Target }
  | { do: "respond"; device: number; question: number; value: "yes" | "no"; isTwice: boolean }
  | { do: "respondLate"; device: number; question: number }
  | { do: "stop"; device: number; target: Target }
  | { do: "reset"; device: number }
  | { do: "reconnect"; device: number }
  | { do: "settle" };

export type Kind = "permit" | "all" | "twice" | "plain" | "stock";

/** A turn that was accepted, and the file that its tool writes to. */
interface Asked {
  turnId: string;
  kind: Kind;
  file: string;
}

interface Answer {
  turn_id: string;
  interrupt_id: string;
  value: string;
  isOk: boolean;
}

const patienceMs = 10_000;

/** Eight conversations ask the server that often what has become of their turns. */
const pollMs = 10;

/** One conversation on two devices, on which actions are run. */
export class Run {
  readonly asked: Asked[] = [];
  readonly answers: Answer[] = [];
  readonly devices = [new Device(false), new Device(true)] as const;
  restarts = 0;
  readonly #asking: Asking;
  readonly #id: string;

  constructor(asking: Asking, id: string) {
    this.#asking = asking;
    this.#id = id;
  }

  async begin(): Promise<void> {
    for (const device of this.devices) await device.connect(this.#asking.connect, this.#id);
  }

  /** Call this before a restart of the server, and `begin` after it. */
  async leave(): Promise<void> {
    this.restarts += 1;
    await this.close();
  }

  #device(index: number): Device {
    return this.devices[index % 2] ?? this.devices[0];
  }

  #script(kind: Kind, file: string) {
    if (kind === "stock") return { content: file, options: { engine: "approving" } };
    const tool: Step = { tool: "effect", file };
    const steps: Record<Exclude<Kind, "stock">, Step[]> = {
      permit: [{ say: "May I? " }, { permit: "May I?" }, tool, { say: "done" }],
      all: [{ all: ["a", "b"], file: `${file}-all` }, tool, { say: "all" }],
      twice: [{ say: "Two: " }, { twice: ["1?", "2?"] }, tool],
      plain: [tool, { say: "plain" }],
    };
    return script(...steps[kind]);
  }

  async act(action: Action): Promise<void> {
    for (const device of this.devices) device.read();
    switch (action.do) {
      case "message":
      case "edit":
        return await this.#ask(action);
      case "regenerate":
        return await this.#regenerate(action);
      case "respond":
        return await this.#respond(action);
      case "respondLate": {
        const late = this.answers[action.question % Math.max(1, this.answers.length)];
        if (late) await this.#answer(this.#device(action.device), { ...late, value: "yes" });
        return;
      }
      case "stop": {
        const { conversation } = this.#device(action.device);
        await conversation.push("stop", this.#target(action.target), patienceMs);
        return;
      }
      case "reset":
        await this.#device(action.device).conversation.push("new_conversation", {}, patienceMs);
        return;
      case "reconnect":
        return await this.#device(action.device).connect(this.#asking.connect, this.#id);
      case "settle":
        await this.#quiet();
        return;
      default:
        action satisfies never;
    }
  }

  #target(target: Target): { turn_id?: string } {
    const turn_id = this.asked[target % Math.max(1, this.asked.length)]?.turnId;
    return turn_id === undefined ? {} : { turn_id };
  }

  async #ask(action: Extract<Action, { do: "message" | "edit" }>): Promise<void> {
    const { conversation } = this.#device(action.device);
    const file = this.#asking.file();
    const { content, options } = this.#script(action.kind, file);
    const reply =
      action.do === "message"
        ? await conversation.push(
            "message",
            { content, options: { ...options, when_busy: action.whenBusy } },
            patienceMs,
          )
        : await conversation.push("edit", { content, options, ...this.#target(action.target) }, patienceMs);
    if (reply.status === "ok") this.asked.push({ turnId: reply.response.turn_id, kind: action.kind, file });
    else if (reply.status === "timeout") throw new Error(`${action.do} had no reply`);
  }

  /** The turn's file is written to once more. */
  async #regenerate({ device, target }: Extract<Action, { do: "regenerate" }>): Promise<void> {
    const replaced = this.asked[target % Math.max(1, this.asked.length)];
    if (!replaced) return;
    const { conversation } = this.#device(device);
    const reply = await conversation.push("regenerate", { turn_id: replaced.turnId }, patienceMs);
    if (reply.status === "ok") this.asked.push({ ...replaced, turnId: reply.response.turn_id });
    else if (reply.status === "timeout") throw new Error("regenerate had no reply");
  }

  async #respond({ device, question, value, isTwice }: Extract<Action, { do: "respond" }>): Promise<void> {
    const own = this.#device(device);
    const open = own.questions();
    const chosen = open[question % Math.max(1, open.length)];
    if (!chosen) return;
    const others = isTwice ? [this.#answer(this.#device(device + 1), { ...chosen, value: "yes" })] : [];
    await Promise.all([this.#answer(own, { ...chosen, value }), ...others]);
  }

  async #answer({ conversation }: Device, { turn_id, interrupt_id, value }: Omit<Answer, "isOk">): Promise<void> {
    const payload = { turn_id, responses: [{ interrupt_id, value }] };
    const { status } = await conversation.push("respond", payload, patienceMs);
    if (status === "timeout") throw new Error("respond had no reply");
    this.answers.push({ turn_id, interrupt_id, value, isOk: status === "ok" });
  }

  /** Waits until the first unfinished turn waits, or none is left. Returns the history. */
  async #quiet() {
    const until = performance.now() + patienceMs;
    for (;;) {
      const { response } = await this.devices[0].conversation.push("get_history", { limit: 200 }, patienceMs);
      const head = response.turns.find(({ status }) => ["queued", "running", "waiting"].includes(status));
      if (head === undefined || head.status === "waiting") return response.turns;
      if (performance.now() > until) throw new Error(`a turn does not end: ${JSON.stringify(head)}`);
      await sleep(pollMs);
    }
  }

  /** Answers everything with yes, until all turns have ended. Returns what is wrong. */
  async finish(): Promise<string[]> {
    const until = performance.now() + patienceMs;
    let turns = await this.#quiet();
    while (turns.some(({ status }) => status === "waiting")) {
      for (const open of this.devices[0].questions()) await this.#answer(this.devices[0], { ...open, value: "yes" });
      turns = await this.#quiet();
      if (performance.now() > until) throw new Error("turns wait for ever");
    }
    for (const device of this.devices) {
      await device.conversation.push("typing", { typing: false }, patienceMs);
      device.read();
    }
    const history = new Map(turns.map((turn) => [turn.turn_id, turn]));
    return [...this.#wrongSights(history), ...this.#wrongAnswers(), ...this.#wrongEffects(history)];
  }

  async close(): Promise<void> {
    for (const device of this.devices) await device.leave();
  }

  *#wrongSights(history: ReadonlyMap<string, { status: string; response: string }>): Generator<string> {
    for (const { wrong, turns } of this.devices) {
      yield* wrong;
      for (const [turnId, { ends, open }] of turns) {
        const live = ends.filter(({ isAgain }) => !isAgain);
        if (live.length > 1) yield `${turnId} ended ${live.length} times`;
        if (ends.length > 0 && open.size > 0) yield `${turnId} asks after its end`;
        const kept = history.get(turnId);
        if (kept && ends.length === 0) yield `${turnId} did not end on a device`;
        for (const end of ends) {
          if (kept && end.status !== kept.status) yield `${turnId} ended as ${end.status}, is ${kept.status}`;
          if (end.code && (end.code !== "interrupted" || this.restarts === 0)) yield `${turnId} failed: ${end.code}`;
        }
      }
    }
  }

  *#wrongAnswers(): Generator<string> {
    const taken = this.answers
      .filter(({ isOk }) => isOk)
      .map(({ turn_id, interrupt_id }) => `${turn_id} ${interrupt_id}`);
    if (new Set(taken).size !== taken.length) yield "a question was answered twice";
  }

  *#wrongEffects(history: ReadonlyMap<string, { status: string; response: string }>): Generator<string> {
    const asked = this.asked.map((turn) => {
      const given = this.answers.filter(({ turn_id, isOk }) => isOk && turn_id === turn.turnId);
      const needed = { permit: 1, all: 2, twice: 2, plain: 0, stock: 1 }[turn.kind];
      const isAsked = turn.kind === "permit" || turn.kind === "stock";
      const mayRun = given.length >= needed && (!isAsked || given.some(({ value }) => value === "yes"));
      const isComplete = history.get(turn.turnId)?.status === "completed";
      return { ...turn, mayRun, isComplete, isShort: isComplete && given.length !== needed };
    });
    for (const { turnId, isShort } of asked) if (isShort) yield `${turnId} completed without all answers`;
    // A turn and those that answer its message again have one file.
    for (const [file, turns = []] of Map.groupBy(asked, ({ file }) => file)) {
      const names = turns.map(({ turnId }) => turnId).join(", ");
      const allowed = turns.filter(({ mayRun }) => mayRun).length;
      const done = turns.filter(({ mayRun, isComplete }) => mayRun && isComplete).length;
      const effects = linesOf(file).length;
      const siblings = linesOf(`${file}-all`).length;
      if (effects > allowed) yield `${names}: a tool ran ${effects} times, ${allowed} were allowed`;
      if (effects < done) yield `${names}: completed without the tool`;
      const most = { all: 2 * turns.length, stock: allowed, permit: 0, twice: 0, plain: 0 }[turns[0]?.kind ?? "plain"];
      if (siblings > most) yield `${names}: a sibling ran ${siblings} times`;
    }
  }
}

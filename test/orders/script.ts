import { faults, gate, type ModelRequest, type Reply, smartReply } from "../support/model-server.ts";
import type { Plan } from "./actions.ts";

/** Longest silence of the model. */
export const silenceMs = 1000;

/** One request of the server to the model. */
export interface Asked {
  request: ModelRequest;
  script: Script;
  /** For the answer itself, not for a step before it. */
  isAnswer: boolean;
  closedAt: number;
}

/** What the model does in the turn of one push. */
export interface Script {
  tag: number;
  /** Undefined where it is the replaced turn's. */
  content: string | undefined;
  plan: Plan;
  /** When the push went out. */
  begunAt: number;
  /** Before this the turn cannot end by itself. */
  freeAt: number;
  /** Whether there is something to release. */
  isHeld: boolean;
  /** What the model said, or was about to say, at each request for the answer. */
  texts: string[];
  release(pieces: number | "all"): void;
}

/** Marks the answers: hidden steps do not take the client's length. */
const longestAnswer = 31_234;
const pieces = ["eins", " zwei 世界", "\n\n", " 👩‍🚀", "é", ' "quoted" \\', " naïve", " "];
const hurried = { "retry-after-ms": "1" };

/** The scripts of one run, whose contents all begin with its name, and what the server asked of them. */
export function scripts(name: string) {
  const all: Script[] = [];
  const asked: Asked[] = [];
  const strangers: ModelRequest[] = [];
  const gates = new Map<Script, ReturnType<typeof gate>>();

  /** An edited turn keeps the sampling of the one it replaces, but has content of its own; an answer given again the other way round. */
  function scriptOf({ body, user }: ModelRequest): Script | undefined {
    const tag = Math.round(Number(body.temperature) * 10_000);
    return (
      all.findLast((one) => one.tag === tag && one.content === user) ??
      all.findLast((one) => one.tag === tag && one.content === undefined)
    );
  }

  return {
    all,
    asked,
    /** Requests that belong to no turn. */
    strangers,
    /** The plan of a push that goes out now. `tag` is the sampling's: a new one, or for an edit the one it inherits. */
    add(plan: Plan, content: string | undefined, tag: number = all.length + 1): Script {
      const door = gate();
      const begunAt = performance.now();
      const latest = begunAt + silenceMs;
      const needed = releasesToEnd(plan);
      let released = 0;
      const script: Script = {
        tag,
        content,
        plan,
        begunAt,
        isHeld: plan.isHeld,
        freeAt: (plan.isHeld && needed > 0) || plan.ending === "hang" ? latest : begunAt,
        texts: [],
        release(count) {
          if (count === "all") door.open();
          else door.release(count);
          released += count === "all" ? Number.POSITIVE_INFINITY : count;
          script.isHeld &&= count !== "all";
          if (released >= needed && plan.ending !== "hang") script.freeAt = Math.min(script.freeAt, performance.now());
        },
      };
      if (!plan.isHeld) door.open();
      gates.set(script, door);
      all.push(script);
      return script;
    },
    /** For the model server. */
    answer(request: ModelRequest): Reply | undefined {
      const script = request.user.startsWith(`${name} `) ? scriptOf(request) : undefined;
      if (!script) {
        strangers.push(request);
        return undefined;
      }
      const length = request.body.max_tokens ?? request.body.max_completion_tokens;
      const one: Asked = { request, script, isAnswer: length === longestAnswer, closedAt: Number.POSITIVE_INFINITY };
      asked.push(one);
      void request.closed.then(() => {
        one.closedAt = performance.now();
      });
      const reply = one.isAnswer ? { ...answerOf(script), chunkDelayMs: script.plan.paceMs } : smartReply(request);
      return { ...reply, gate: gates.get(script) };
    },
  };
}

/** Sampling that names the script. */
export function samplingOf({ tag }: Script) {
  return { temperature: tag / 10_000, max_tokens: longestAnswer };
}

/** The fewest pieces that a gate has to let through before the turn can end. */
function releasesToEnd({ ending, pieces }: Plan): number {
  if (ending === "error") return 0;
  return ["whole", "length", "emptyOnce", "blankOnce", "errorOnce"].includes(ending) ? pieces + 1 : 1;
}

function answerOf({ plan, tag, texts }: Script): Reply {
  const isFirst = texts.length === 0;
  const isBlank = isFirst && plan.ending === "blankOnce";
  const chunks = isBlank ? [" ", "\n"] : piecesOf(plan, `${tag}.${texts.length + 1}:`);
  texts.push(chunks.join(""));
  const whole = { chunks };
  switch (plan.ending) {
    case "whole":
    case "blankOnce":
      return whole;
    case "length":
      return { ...whole, finishReason: "length" };
    case "cut":
      return { ...whole, cutAfter: Math.ceil(chunks.length / 2) };
    case "hang":
      return { ...whole, stallAfter: Math.floor(chunks.length / 2) };
    case "refusal":
      return faults.refusal;
    case "empty":
      return faults.empty;
    case "emptyOnce":
      return isFirst ? faults.empty : whole;
    case "error":
      return { ...faults.serverError, headers: hurried };
    case "errorOnce":
      return isFirst ? { ...faults.overloaded, headers: hurried } : whole;
    default:
      return plan.ending satisfies never;
  }
}

function piecesOf(plan: Plan, first: string): string[] {
  return Array.from({ length: plan.pieces }, (_, index) =>
    index === 0 ? first : (pieces[(first.length + index * 3) % pieces.length] ?? ""),
  );
}

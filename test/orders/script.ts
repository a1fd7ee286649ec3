import { faults, gate, type ModelRequest, type Reply, smartReply } from "../support/model-server.ts";
import type { Plan } from "./actions.ts";

/** The server's limit for the model's silence. */
export const silenceMs = 1000;

/** One request of the server to the model. */
export interface Asked {
  request: ModelRequest;
  script: Script;
  /** A request for the answer, not for a step. */
  isAnswer: boolean;
  closedAt: number;
}

/** The model's behaviour for the turn of one push. */
export interface Script {
  tag: number;
  /** Undefined if it is that of the replaced turn. */
  content: string | undefined;
  plan: Plan;
  /** When the push was sent. */
  begunAt: number;
  /** The turn cannot end by itself before this. */
  freeAt: number;
  /** Whether pieces are still held. */
  isHeld: boolean;
  /** The text of each answer request, including pieces not yet sent. */
  texts: string[];
  /** The same for the reasoning. */
  thoughts: string[];
  release(pieces: number | "all"): void;
}

/** Marks requests for answers: steps do not use the client's max_tokens. */
const longestAnswer = 31_234;
const pieces = ["eins", " zwei 世界", "\n\n", " 👩‍🚀", "é", ' "quoted" \\', " naïve", " "];
const hurried = { "retry-after-ms": "1" };

/** The scripts of one run, whose contents all start with its name, and the requests they got. */
export function scripts(name: string) {
  const all: Script[] = [];
  const asked: Asked[] = [];
  const strangers: ModelRequest[] = [];
  const gates = new Map<Script, ReturnType<typeof gate>>();

  /** An edited turn has its own content and the sampling of the replaced turn; a regenerated one the other way round. */
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
    /** Adds the script of a push that is sent now. `tag` identifies the sampling; an edit inherits it. */
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
        thoughts: [],
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
    /** The answer function of the model server. */
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

/** The sampling that identifies a script. */
export function samplingOf({ tag }: Script) {
  return { temperature: tag / 10_000, max_tokens: longestAnswer };
}

/** How many pieces have to be released before the turn can end. */
function releasesToEnd({ ending, thoughts, pieces }: Plan): number {
  if (ending === "error") return 0;
  return ["whole", "length", "emptyOnce", "blankOnce", "errorOnce"].includes(ending) ? thoughts + pieces + 1 : 1;
}

function answerOf(script: Script): Reply {
  const reply = nextReply(script);
  script.thoughts.push(reply.reasoning?.join("") ?? "");
  return reply;
}

function nextReply({ plan, tag, texts }: Script): Reply {
  const isFirst = texts.length === 0;
  const isBlank = isFirst && plan.ending === "blankOnce";
  const chunks = isBlank ? [" ", "\n"] : piecesOf(plan.pieces, `${tag}.${texts.length + 1}:`);
  const reasoning = piecesOf(plan.thoughts, `thought ${tag}.${texts.length + 1}:`);
  const all = [...reasoning, ...chunks];
  texts.push(chunks.join(""));
  const whole = { reasoning, chunks };
  switch (plan.ending) {
    case "whole":
    case "blankOnce":
      return whole;
    case "length":
      return { ...whole, finishReason: "length" };
    case "cut":
      return { ...whole, cutAfter: Math.ceil(all.length / 2) };
    case "hang":
      return { ...whole, stallAfter: Math.floor(all.length / 2) };
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

function piecesOf(length: number, first: string): string[] {
  return Array.from({ length }, (_, index) =>
    index === 0 ? first : (pieces[(first.length + index * 3) % pieces.length] ?? ""),
  );
}

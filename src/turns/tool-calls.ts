import type { JsonObject } from "../../graphs/host.ts";
import type { ToolCallEvent } from "../../graphs/progress.ts";
import { cut } from "../../graphs/text.ts";
import { ChannelError } from "../errors.ts";
import { StoreBusy } from "../store/store.ts";
import type { ToolCallStore } from "../store/tool-calls.ts";
import type { Claim } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import type { ToolCall } from "./bus.ts";

/** In UTF-16 units. What an event tells of a tool's input or output. */
const maxEventUnits = 65_536;

/** In UTF-16 units. What the response's metadata tells of it. */
const maxEntryUnits = 4_000;

/** In UTF-16 units, as JSON. A longer output cannot be used again after a crash. */
const maxOutputUnits = 1_048_576;

interface Parts {
  store: ToolCallStore;
  claim: Claim;
  /** What clients were told in earlier attempts. */
  before: ReadonlyMap<string, ToolCall>;
  publish: (key: string, call: ToolCall) => void;
  isSilent: () => boolean;
  /** Ends the turn. */
  fail: (error: unknown) => void;
  log: Log;
}

/** The tool calls of one attempt. */
export interface ToolCalls {
  report(event: ToolCallEvent): Promise<{ output: unknown } | undefined>;
  /** For the response's metadata. */
  metadata(): JsonObject;
}

/** Tells clients of tool calls, and lets no call run twice unless its tool allows it. */
export function toolCalls({ store, claim, before, publish, isSilent, fail, log }: Parts): ToolCalls {
  const known = new Map<string, ToolCall>(before);

  /** Rejects if the call must not run. The turn then ends too, since a graph may make a result of the error. */
  async function start(key: string, call: ToolCall, mayRepeat: boolean): Promise<{ output: unknown } | undefined> {
    const told = JSON.stringify(withShortTexts(call, maxEntryUnits));
    const found = await store.start(claim, key, { told, mayRepeat }).catch((error: unknown) => {
      fail(error);
      throw error;
    });
    if (found.type === "void" || isSilent()) throw new Error("The turn has ended.");
    if (found.type === "finished" && found.output !== undefined) return { output: JSON.parse(found.output) };
    if (found.type !== "new") {
      const error = interrupted(call.tool_name);
      fail(error);
      throw error;
    }
    const isKnown = known.get(key)?.stage === "started"; // it asked a person, and starts again with the answer
    known.set(key, call);
    if (!isKnown) publish(key, withShortTexts(call, maxEventUnits));
    return undefined;
  }

  /** If the store is busy, the turn continues; after a crash, the call counts as unfinished. */
  async function end(key: string, call: ToolCall, result: unknown): Promise<void> {
    const whole = { ...known.get(key), ...call };
    known.set(key, whole);
    publish(key, withShortTexts(call, maxEventUnits));
    const output = JSON.stringify(plain(result));
    const told = JSON.stringify(withShortTexts(whole, maxEntryUnits));
    const isKept = result !== undefined && output.length <= maxOutputUnits;
    try {
      await store.end(claim, key, { told, output: isKept ? output : undefined });
    } catch (error) {
      if (!(error instanceof StoreBusy)) throw error;
      log.warn({ turn_id: claim.turn.id, tool: call.tool_name, err: error }, "a tool call's end was not stored");
    }
  }

  return {
    async report({ key: given, repeatable = false, usesRecorded: _, result, ...call }) {
      const key = given ?? call.tool_call_id;
      if (call.stage === "started") {
        if (isSilent()) throw new Error("The turn has ended.");
        return await start(key, call, repeatable);
      }
      if (isSilent()) return undefined;
      if (call.stage === "output") publish(key, { ...call, delta: cut(call.delta ?? "", maxEventUnits) });
      else await end(key, call, result ?? (call.stage === "finished" ? (call.output ?? null) : undefined));
      return undefined;
    },
    metadata: () => entriesOf([...known.values()]),
  };
}

/** Tool calls as a part of the response's metadata. */
export function entriesOf(calls: readonly ToolCall[]): JsonObject {
  const entries = calls.map(({ stage: _stage, delta: _delta, ...call }) => withShortTexts(call, maxEntryUnits));
  return entries.length > 0 ? { tool_calls: entries } : {};
}

/** A call's input, as what is kept of the call has it. */
export function toldInput(input: unknown): unknown {
  return shortened(input, maxEntryUnits);
}

function interrupted(tool: string): ChannelError {
  return new ChannelError(
    "interrupted",
    `The server stopped while the tool ${JSON.stringify(tool)} ran. To run it again might do harm.`,
  );
}

function withShortTexts<Call extends Pick<ToolCall, "input" | "output">>(call: Call, limit: number): Call {
  return {
    ...call,
    ...("input" in call && { input: shortened(call.input, limit) }),
    ...("output" in call && { output: shortened(call.output, limit) }),
  };
}

/** A value that would be too long as JSON becomes a text, and is cut. */
function shortened(value: unknown, limit: number): unknown {
  const data = plain(value);
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return text.length <= limit ? data : `${cut(text, limit)} …`;
}

/** What JSON keeps of a value. */
export function plain(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? "null");
  } catch {
    return String(value);
  }
}

import type { InvalidToolCall, ToolCall } from "@langchain/core/messages";

import { isFields } from "../http/error-text.ts";
import { broken, type ToolPart } from "./piece.ts";

const maxToolCalls = 128;

/** Deepest nesting of arguments that come as an object. */
const maxDepth = 100;

interface Call {
  id: string | undefined;
  name: string;
  args: string;
}

/** Assembles tool calls from their parts. */
export class ToolCalls {
  readonly #calls: Call[] = [];
  /** The latest call with each index. */
  readonly #latest = new Map<number, Call>();

  add({ index = 0, id, name = "", args = "", isWhole = false }: ToolPart): void {
    let call = this.#latest.get(index);
    // Some servers send a new id with every part, but the name only once.
    const isNew = !call || (id !== undefined && call.id !== undefined && id !== call.id && name !== "");
    if (!call || isNew) {
      call = { id, name: "", args: "" };
      if (this.#calls.push(call) > maxToolCalls) throw tooMany();
      this.#latest.set(index, call);
    }
    call.id ??= id;
    if (name !== call.name) call.name += name; // some servers repeat the name
    const replaces = (isWhole && args !== "") || (isEmpty(call.args) && args.trimStart().startsWith("{"));
    call.args = replaces ? args : call.args + args;
  }

  /** As fields of an AIMessage. */
  read(): { tool_calls: ToolCall[]; invalid_tool_calls: InvalidToolCall[] } {
    const tool_calls: ToolCall[] = [];
    const invalid_tool_calls: InvalidToolCall[] = [];
    for (const { id, name, args } of this.#calls) {
      const value = parsed(parsed(args) ?? args); // some servers encode the arguments twice
      if (isFields(value)) tool_calls.push({ type: "tool_call", id, name, args: value });
      else invalid_tool_calls.push({ type: "invalid_tool_call", id, name, args });
    }
    return { tool_calls, invalid_tool_calls };
  }
}

/** Gemini's endpoint sends `{}` before the arguments. */
function isEmpty(args: string): boolean {
  return args.length < 8 && args.replace(/\s/g, "") === "{}";
}

/** Undefined for a text that is not JSON. What is no text is returned. */
function parsed(json: unknown): unknown {
  if (typeof json !== "string") return json;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** The parts of tool calls in a delta or a message. Throws a ModelFailure if they are malformed. */
export function toolParts(calls: unknown, isWhole: boolean): ToolPart[] {
  if (!Array.isArray(calls)) throw malformed();
  if (calls.length > maxToolCalls) throw tooMany();
  return calls.filter((call) => call !== null).map((call, position) => toolPart(call, position, isWhole));
}

function toolPart(call: unknown, position: number, isWhole: boolean): ToolPart {
  if (!isFields(call)) throw malformed();
  const { index, id } = call;
  const made = call.function ?? {};
  if (!isFields(made)) throw malformed();
  const args = made.arguments ?? "";
  return {
    type: "tool_call_chunk",
    index: typeof index === "number" && Number.isSafeInteger(index) ? index : position,
    id: typeof id === "string" && id !== "" ? id : undefined,
    name: textOf(made.name),
    args: typeof args === "string" ? args : json(args),
    ...((isWhole || typeof args === "object") && { isWhole: true }),
  };
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  throw malformed();
}

/** Some servers send the arguments as an object. */
function json(args: unknown): string {
  if (typeof args !== "object") throw malformed();
  if (isDeep(args, maxDepth)) throw broken("The arguments of a tool call are nested too deeply.");
  return JSON.stringify(args);
}

/** `JSON.stringify` overflows the stack on deep objects. */
function isDeep(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return left === 0 || Object.values(value).some((inner) => isDeep(inner, left - 1));
}

function tooMany() {
  return broken("The reply has too many tool calls.");
}

function malformed() {
  return broken("The reply has a malformed tool call.");
}

import type { InvalidToolCall, ToolCall } from "@langchain/core/messages";

import { isFields } from "../http/error-text.ts";
import type { ToolPart } from "./piece.ts";
import { maxToolCalls, tooMany } from "./tool-parts.ts";

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

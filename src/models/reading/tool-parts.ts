import { isFields } from "../http/error-text.ts";
import { broken, type ToolPart } from "./piece.ts";

export const maxToolCalls = 128;

/** Deepest nesting of arguments that come as an object. */
const maxDepth = 100;

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

export function tooMany() {
  return broken("The reply has too many tool calls.");
}

function malformed() {
  return broken("The reply has a malformed tool call.");
}

import { ToolMessage } from "@langchain/core/messages";
import { Command, isCommand, MemorySaver } from "@langchain/langgraph";

import type { JsonObject } from "../host.ts";
import { isObject } from "../json.ts";

const { serde } = new MemorySaver();

/** What a tool returned, so that it can return the same again: a message with its artifact, or a command to the graph. */
export async function resultAsJson(output: unknown, toolCallId: string): Promise<JsonObject> {
  const returned: Returned = { toolCallId, ...(isCommand(output) ? { command: fieldsOf(output) } : { value: output }) };
  const [, bytes] = await serde.dumpsTyped(returned);
  return { returned: new TextDecoder().decode(bytes) };
}

export function errorAsJson(error: unknown): JsonObject {
  return { threw: error instanceof Error ? error.message : String(error) };
}

/** Returns what the tool returned, for the call with this id, or throws what it threw. `json` may also be a plain result. */
export async function resultFromJson(json: unknown, toolCallId: string | undefined): Promise<unknown> {
  if (isObject(json) && typeof json.threw === "string") throw new Error(json.threw);
  if (!isObject(json) || typeof json.returned !== "string") return json;
  const { command, value, toolCallId: recorded } = (await serde.loadsTyped("json", json.returned)) as Returned;
  const forThisCall = (part: unknown) => forCall(part, recorded, toolCallId ?? recorded);
  if (!command) return forThisCall(value);
  const update = isObject(command.update) ? mapValues(command.update, forThisCall) : command.update;
  return new Command({ ...command, update } as ConstructorParameters<typeof Command>[0]); // it was one
}

/** Written by `resultAsJson`. */
interface Returned {
  toolCallId: string;
  command?: ReturnType<typeof fieldsOf>;
  value?: unknown;
}

function fieldsOf({ update, goto, graph }: { update?: unknown; goto?: unknown; graph?: unknown }) {
  return { update, goto, graph };
}

/** Messages that answer the recorded call answer this one. */
function forCall(value: unknown, recorded: string, tool_call_id: string): unknown {
  if (Array.isArray(value)) return value.map((item) => forCall(item, recorded, tool_call_id));
  if (!ToolMessage.isInstance(value) || value.tool_call_id !== recorded) return value;
  const { id, name, content, status, artifact, additional_kwargs } = value;
  return new ToolMessage({ id, name, content, status, artifact, additional_kwargs, tool_call_id });
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

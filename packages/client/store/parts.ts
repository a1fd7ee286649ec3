import type { ServerEvents } from "../protocol.ts";
import type { Part, RequestPart, ToolPart, TurnState } from "./state.ts";

type Parts = TurnState["parts"];
type Named = { type: string; step?: string; tool_call_id?: string; interrupt_id?: string };

/** Tells a turn's parts apart: it has one text, but many tool calls. */
function idOf({ type, step, tool_call_id, interrupt_id }: Named): string {
  return type + (step ?? tool_call_id ?? interrupt_id);
}

/** Puts a part in its place, which for a new one is at the end or, with `isBefore`, where the answer begins. */
export function put(parts: Parts, part: Part, isBefore = false): Parts {
  const at = parts.findIndex((other) => idOf(other) === idOf(part));
  if (at >= 0) return parts.with(at, part);
  const text = isBefore ? parts.findIndex(({ type }) => type === "text") : -1;
  return parts.toSpliced(text < 0 ? parts.length : text, 0, part);
}

export function withText(parts: Parts, text: string): Parts {
  return text === "" ? parts.filter(({ type }) => type !== "text") : put(parts, { type: "text", text });
}

/** A turn that is resumed after a crash reports its steps again. A step's end may be missed while disconnected. */
export function stepped(parts: Parts, { stage, step, detail, failed }: ServerEvents["thinking"]): Parts {
  if (stage === "answering") return parts.map((part) => (part.type === "step" ? settled(part, "finished") : part));
  if (step === undefined) return parts;
  const status = stage === "step_started" ? "running" : failed ? "failed" : "finished";
  return put(parts, { type: "step", step, status, ...(detail != null && { detail }) });
}

/** A part of a turn that has ended: what still ran gets this status. */
export function settled(part: Part, status: "finished" | "failed"): Part {
  if (isOpen(part)) return { ...part, status: "closed" };
  return "status" in part && part.status === "running" ? { ...part, status } : part;
}

/** Each join tells the calls again, with what a tool has streamed as one piece. A call that is over stays over. */
export function called(parts: Parts, event: ServerEvents["tool_call"]): Parts {
  const { turn_id: _turnId, stage, delta, ...call } = event;
  const known = toolIn(parts, call);
  const status = stage === "finished" || stage === "failed" ? stage : "running";
  if (known && known.status !== "running" && status === "running") return parts;
  const streamed = delta === undefined ? {} : { output: `${known?.output ?? ""}${delta}` };
  return put(parts, { ...(stage !== "started" && known), type: "tool", status, ...call, ...streamed });
}

function toolIn(parts: Parts, call: Pick<ToolPart, "tool_call_id">) {
  return parts.find((part) => part.type === "tool" && part.tool_call_id === call.tool_call_id) as ToolPart | undefined;
}

/** Adds the calls that are not known yet. */
export function withCalls(parts: Parts, calls: ServerEvents["response"]["metadata"]["tool_calls"] = []): Parts {
  return calls.reduce((all, call) => {
    const status = "output" in call ? "finished" : "failed";
    return toolIn(all, call) ? all : put(all, { type: "tool", status, ...call }, true);
  }, parts);
}

/** Requests that are not among these have been answered. */
export function asked(parts: Parts, { requests }: ServerEvents["input_requested"]): Parts {
  return requests.reduce((all, request) => put(all, { type: "request", ...request, status: "open" }), replied(parts));
}

export function replied(parts: Parts, ids?: readonly string[]): Parts {
  return parts.map((part) => {
    if (part.type !== "request" || ids?.includes(part.interrupt_id) === false) return part;
    return { ...part, status: "answered" };
  });
}

export function isOpen(part: Part): part is RequestPart {
  return part.type === "request" && part.status === "open";
}

import type { OperatorNote } from "../turns/operator-notes.ts";
import type { TerminalEvent } from "../turns/terminal-event.ts";
import type { Replies } from "./outbound.ts";

/** A failed turn's event with the operator's details. */
export function noted({ event, payload }: TerminalEvent, operator: OperatorNote | undefined): TerminalEvent {
  if (event !== "error" || !operator) return { event, payload };
  return { event, payload: { ...payload, details: { ...Object(payload.details), operator } } };
}

type Entry = Replies["get_history"]["turns"][number];

/** The same for a failed turn of the history. */
export function notedEntry(entry: Entry, operator: OperatorNote | undefined): Entry {
  if (entry.status !== "failed" || !operator) return entry;
  return { ...entry, metadata: { ...entry.metadata, error: { ...Object(entry.metadata.error), operator } } };
}

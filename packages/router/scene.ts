import { router } from "./signals/lexicon.ts";
import { withoutManipulation } from "./signals/manipulation.ts";
import { type Overlap, overlap } from "./signals/overlap.ts";
import { type Reading, read, reading } from "./signals/reading.ts";
import { kinds } from "./signals/tokens.ts";

/** A message and its surroundings, tokenised. */
export interface Scene {
  message: Reading;
  /** The previous turns; undefined for the first message. */
  history: { turns: number; assistant: Reading; user: Reading; overlap: Overlap } | undefined;
  context: { fault: boolean; material: boolean };
}

export interface Turn {
  role: string;
  content: string;
}

/** A message to classify: its text, the turns before it and the client's context. */
export interface Incoming {
  content: string;
  history: readonly Turn[];
  context: Readonly<Record<string, unknown>>;
}

const message = reading(1600);
const assistant = reading(500);
const user = reading(200);
const before = reading(200);

/** Reads a message and the turns before it. Of long texts, only the beginning and the end are read. */
export function scene({ content, history, context }: Incoming): Scene {
  read(ends(content, 4000, 1000), message);
  if (mayAddressRouter(message)) read(withoutManipulation(message.text), message);
  return {
    message,
    history: history.length > 0 ? past(history) : undefined,
    context: { fault: has(context, faultFields), material: has(context, materialFields) },
  };
}

/** True if the message has a word about routing, or is in a script without spaces, where single words cannot be looked up. */
function mayAddressRouter({ tokens: { count, stems, kind } }: Reading): boolean {
  for (let at = 0; at < count; at++) if (((stems[at] ?? 0) & router) !== 0 || kind[at] === kinds.sign) return true;
  return false;
}

function past(history: readonly Turn[]): NonNullable<Scene["history"]> {
  read(ends(last(history, "assistant"), 300, 500), assistant);
  read(ends(last(history, "user"), 200, 60), user);
  read(beforeLast(history), before);
  return { turns: Math.min(history.length, 20), assistant, user, overlap: overlap(message, assistant, user, before) };
}

/** The beginnings of the user's earlier messages, without the last one. */
function beforeLast(history: readonly Turn[]): string {
  const own = history.slice(-7).filter(({ role }) => role === "user");
  return own
    .slice(0, -1)
    .map(({ content }) => content.slice(0, 160))
    .join("\n");
}

function last(history: readonly Turn[], role: string): string {
  return history.findLast((turn) => turn.role === role)?.content ?? "";
}

function ends(text: string, head: number, tail: number): string {
  return text.length <= head + tail ? text : `${text.slice(0, head)}\n${text.slice(-tail)}`;
}

const faultFields = /error|trace|exception|stderr|failure/i;
const materialFields = /^(?:code|selection|selected|snippet|file|files|diff|document|attachment|source|content)/i;

function has(context: Readonly<Record<string, unknown>>, fields: RegExp): boolean {
  return Object.keys(context).some((key) => fields.test(key) && filled(context[key]));
}

function filled(value: unknown): boolean {
  return typeof value === "string" ? value.trim() !== "" : typeof value === "object" && value !== null;
}

export function nothing(): Reading {
  return read("", reading(1));
}

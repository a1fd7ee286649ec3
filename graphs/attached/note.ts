import { fencedLine } from "../fenced.ts";
import { type FileFacts, isImage } from "../files.ts";
import { cut } from "../text.ts";
import type { ReadFile } from "./attached.ts";
import { fence } from "./fence.ts";

/** In UTF-16 units. */
const maxNameUnits = 100;

/** A message with the names of its files: what is always remembered of them. */
export function withNote(text: string, files: readonly FileFacts[] = []): string {
  if (files.length === 0) return text;
  const names = files.map(({ name, media_type }) => `${fencedLine(cut(name, maxNameUnits))} (${media_type})`);
  return `${text}${text && "\n\n"}[attached: ${names.join(", ")}]`;
}

/** The beginnings of the message's own files: each a line of JSON, and a text in its fence. `limit` is in UTF-16 units, for all of them. */
export function beginnings(files: readonly ReadFile[], limit: number): string {
  const share = Math.floor(limit / Math.max(1, files.length));
  const parts = files.map(({ name, media_type, text }) => {
    const line = fencedLine({ name: cut(name, maxNameUnits), media_type });
    return text ? `${line}\n${fence(cut(text, share))}` : line;
  });
  return parts.join("\n\n");
}

/** The message as the local classifier reads it: with its texts as if they had been pasted. */
export function asPasted(question: string, files: readonly ReadFile[], limit: number): string {
  const texts = files.filter((file) => !isImage(file) && file.text);
  const share = Math.floor(limit / Math.max(1, texts.length));
  return [question, ...texts.map(({ text = "" }) => fence(cut(text, share)))].join("\n\n");
}

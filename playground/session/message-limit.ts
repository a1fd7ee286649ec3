import { published } from "./published.ts";

/** The longest message, in Unicode code points. */
export function messageMaxChars(): number {
  return published.value?.components.messages["push.message"].payload.properties.content.maxLength ?? 4_000;
}

/** Counted only for texts that may be too long: a code point is one or two units. */
export function isTooLong(text: string): boolean {
  const max = messageMaxChars();
  return text.length > max && (text.length > 2 * max || [...text].length > max);
}

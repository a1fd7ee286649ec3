import { onOneLine } from "./http/secrets.ts";

/** In UTF-16 units. Shorter agreements may be chance. */
const minUnits = 16;

/** A message that short counts as a whole. */
const minMessageUnits = 8;

/** How much of all messages is compared: the last ones, and the beginning of each. */
const maxUnits = 8_192;
const maxAllUnits = 65_536;

/** What a server said of a request, without what it quotes of the messages in it. */
export function withoutQuotes(said: string, messages: readonly string[]): string {
  const windows = new Set<string>();
  for (let at = 0; at + minUnits <= said.length; at += 1) windows.add(said.slice(at, at + minUnits));
  const quoted = new Set<string>();
  let left = maxAllUnits;
  for (const message of messages.toReversed()) {
    const text = onOneLine(message.slice(0, Math.min(left, maxUnits)));
    left -= text.length;
    if (text.length >= minMessageUnits && text.length < minUnits) quoted.add(text);
    for (let at = 0; at + minUnits <= text.length && quoted.size < windows.size; at += 1) {
      const window = text.slice(at, at + minUnits);
      if (windows.has(window)) quoted.add(window);
    }
  }
  return quoted.size === 0 ? said : without(said, quoted);
}

function without(said: string, quoted: ReadonlySet<string>): string {
  const isQuoted = new Uint8Array(said.length);
  for (const text of quoted) {
    for (let at = said.indexOf(text); at >= 0; at = said.indexOf(text, at + 1)) isQuoted.fill(1, at, at + text.length);
  }
  let rest = "";
  for (let at = 0; at < said.length; at += 1) {
    if (!isQuoted[at]) rest += said[at];
    else if (!isQuoted[at - 1]) rest += "…";
  }
  return rest.toWellFormed();
}

import type { Scene } from "../scene.ts";
import { bit, categoriesAt } from "./lexicon.ts";
import { log, put } from "./named.ts";
import type { Occurrences } from "./occurrences.ts";
import type { Tokens } from "./tokens.ts";

/** Categories of words that refer to earlier turns. */
export const leaning = bit.pointing | bit.earlier | bit.carryOn | bit.tweak;

/** Signals about the subject: does the message name one, or does it take it from earlier turns? */
export function subject({ message, history }: Pick<Scene, "message" | "history">, found: Occurrences): void {
  const overlap = history?.overlap;
  const user = history?.user;
  const earlier = user ? opening(user.tokens) : 0;
  const material = message.lines.code + message.lines.log + message.lines.fences > 0;
  const names = (overlap?.sharedNames ?? 0) + (overlap?.newNames ?? 0);
  const own = (overlap?.newWords ?? 0) - (overlap?.newNames ?? 0);
  put("user's last length", log(user?.text.length ?? 0) / 4);
  put("length against the last", history ? (log(message.text.length) - log(user?.text.length ?? 0)) / 4 : 0);
  put("user leaned before", earlier & leaning ? 1 : 0);
  put("user carried on before", earlier & bit.carryOn ? 1 : 0);
  put("user showed code", user && (user.lines.fences > 0 || user.lines.code > 1) ? 1 : 0);
  put("user told of a fault", user && (user.lines.log > 0 || (earlier & bit.fault) !== 0) ? 1 : 0);
  put("shared with earlier messages", log(overlap?.sharedBefore ?? 0));
  put("subject words", history ? log(own + (overlap?.sharedWords ?? 0)) / 2 : 0);
  put("names nothing", history && names === 0 && !material ? 1 : 0);
  put("nothing of its own", history && own === 0 && (overlap?.newNames ?? 0) === 0 && !material ? 1 : 0);
  put("points at its end", history && !material && pointsAtEnd(message.tokens) ? 1 : 0);
  put(
    "general task",
    history && !material && names === 0 && own > 0 && found.definite === 0 && (found.seen.first & leaning) === 0
      ? 1
      : 0,
  );
  put("the, without a name", history && !material && names === 0 && found.definite > 0 ? 1 : 0);
  put("the known, without material", material ? 0 : log(overlap?.theKnown ?? 0));
  put("many things at once", history && (message.lines.bullets > 1 || message.lines.prose > 3) ? 1 : 0);
  put("answers in a list", history && history.assistant.lines.bullets > 1 && message.lines.bullets > 1 ? 1 : 0);
  put(
    "after code, without code",
    history && !material && (history.assistant.lines.fences > 0 || history.assistant.lines.code > 2) ? 1 : 0,
  );
}

/** Categories of the first 20 tokens. */
function opening(tokens: Tokens): number {
  let found = 0;
  for (let at = 0; at < Math.min(tokens.count, 20); at++) found |= categoriesAt(tokens, at);
  return found;
}

/** True if one of the last two words is a pointer: "how do I read a line from this". */
function pointsAtEnd(tokens: Tokens): boolean {
  const { count } = tokens;
  return (
    (count > 0 && (categoriesAt(tokens, count - 1) & bit.pointing) !== 0) ||
    (count > 1 && (categoriesAt(tokens, count - 2) & bit.pointing) !== 0)
  );
}

import { answered, choice, done, usage } from "./model-bytes.ts";
import { stamp } from "./stamp.ts";

/** Every token has this length, so that characters can be converted to tokens. */
export const tokenLength = 6;

const distinctTokens = 100;

/** Every token starts like this, and nothing else that a server sends contains it. */
export const wordBegins = " w0";

/** The text of an answer's first `count` tokens. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, position) => word(position)).join("");
}

function word(position: number): string {
  return ` w${String(position % distinctTokens).padStart(4, "0")}`;
}

const opening = choice({ role: "assistant", content: "", refusal: null });
const stop = choice({}, "stop");
const tokens = Array.from({ length: distinctTokens }, (_, position) => choice({ content: word(position) }));
let answers = 0;

/** The bytes of one answer. */
export interface Answer {
  opening: Buffer;
  token(position: number): Buffer;
  /** A token that contains the current time. */
  stamped(): Buffer;
  text(text: string): Buffer;
  ending(written: number): Buffer;
}

/** Prepares each event once, however long the answer is. Answers without a unique id share their bytes. */
export function answer(hasOwnId: boolean): Answer {
  answers += 1;
  const id = answers;
  const own = hasOwnId ? (event: Buffer) => answered(event, id) : (event: Buffer) => event;
  const made: Buffer[] = hasOwnId ? [] : tokens;
  return {
    opening: own(opening),
    token(position) {
      const at = position % distinctTokens;
      made[at] ??= own(tokens[at] ?? opening);
      return made[at];
    },
    stamped: () => own(choice({ content: stamp() })),
    text: (text) => own(choice({ content: text })),
    ending: (written) => Buffer.concat([own(stop), own(usage(written)), done]),
  };
}

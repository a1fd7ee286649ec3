import { answered, choice, done, usage } from "./model-bytes.ts";
import { stamp } from "./stamp.ts";

/** Every token is this long, so that text arrived counts tokens arrived. */
export const tokenLength = 6;

const different = 100;

/** How every token begins, and nothing else that a server sends. */
export const wordBegins = " w0";

/** The text of an answer's first tokens. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, position) => word(position)).join("");
}

function word(position: number): string {
  return ` w${String(position % different).padStart(4, "0")}`;
}

const opening = choice({ role: "assistant", content: "", refusal: null });
const stop = choice({}, "stop");
const tokens = Array.from({ length: different }, (_, position) => choice({ content: word(position) }));
let answers = 0;

/** The bytes of one answer. */
export interface Answer {
  opening: Buffer;
  token(position: number): Buffer;
  /** Tokens that say when they were written. */
  stamped(): Buffer;
  text(text: string): Buffer;
  ending(written: number): Buffer;
}

/** Makes each event once, however long the answer; without an id of its own its bytes are those of all such answers. */
export function answer(hasOwnId: boolean): Answer {
  answers += 1;
  const id = answers;
  const own = hasOwnId ? (event: Buffer) => answered(event, id) : (event: Buffer) => event;
  const made: Buffer[] = hasOwnId ? [] : tokens;
  return {
    opening: own(opening),
    token(position) {
      const at = position % different;
      made[at] ??= own(tokens[at] ?? opening);
      return made[at];
    },
    stamped: () => own(choice({ content: stamp() })),
    text: (text) => own(choice({ content: text })),
    ending: (written) => Buffer.concat([own(stop), own(usage(written)), done]),
  };
}

/** An event can be learned from this many times. Some servers change a field in every event. */
const maxLessons = 8;

/** After this many others in a row, no more are compared. */
const maxMisses = 16;

/** In a JSON string, these characters need no decoding and end nothing. */
const simple = /^[^"\\\p{Cc}]*$/u;

/** OpenAI's padding, which differs in every event. */
const padding = '"obfuscation":"';

/**
 * Recognizes events that differ from an earlier one only in their content. Most events of a stream do, and parsing them takes most of the
 * time that reading takes.
 */
export class RepeatedEvent {
  #before = "";
  /** From the end of the content to the padding, or to the end. */
  #after = "";
  /** What follows the padding. */
  #end: string | undefined;
  #lessons = 0;
  #misses = 0;
  model: string | undefined;

  /** Remembers an event that means nothing but this content. */
  learn(json: string, content: string, model: string | undefined): void {
    if (this.#lessons === maxLessons || content === "" || !simple.test(content)) return;
    const literal = `"${content}"`;
    const at = json.indexOf(literal);
    if (at < 0 || json.indexOf(literal, at + 1) >= 0 || !/"content": ?$/.test(json.slice(0, at).slice(-11))) return;
    this.#lessons += 1;
    this.#misses = 0;
    this.model = model;
    this.#before = json.slice(0, at + 1);
    const after = json.slice(at + literal.length - 1);
    const padded = after.indexOf(padding) + padding.length;
    const end = padded >= padding.length ? after.indexOf('"', padded) : -1;
    this.#after = end < 0 ? after : after.slice(0, padded);
    this.#end = end < 0 ? undefined : after.slice(end);
  }

  /** The content of an event that is otherwise the same. */
  contentIn(json: string): string | undefined {
    if (this.#before === "" || this.#misses === maxMisses) return undefined;
    const content = this.#compare(json);
    this.#misses = content === undefined ? this.#misses + 1 : 0;
    return content;
  }

  #compare(json: string): string | undefined {
    const from = this.#before.length;
    if (json.slice(0, from) !== this.#before) return undefined; // faster than `startsWith`
    const to = json.indexOf('"', from);
    const content = json.slice(from, to);
    const end = to + this.#after.length;
    if (to <= from || json.slice(to, end) !== this.#after || !simple.test(content)) return undefined;
    return this.#isEnd(json.slice(end)) ? content : undefined;
  }

  #isEnd(rest: string): boolean {
    if (this.#end === undefined) return rest === "";
    return rest.endsWith(this.#end) && simple.test(rest.slice(0, rest.length - this.#end.length));
  }
}

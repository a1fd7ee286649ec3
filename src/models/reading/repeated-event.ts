/** An event can be learned from this many times. Some servers change a field in every event. */
const maxLessons = 8;

/** In a JSON string, these characters need no decoding and end nothing. */
const simple = /^[^"\\\p{Cc}]+$/u;

/**
 * Recognizes events that differ from an earlier one only in their content. Most events of a stream do, and parsing them takes most of the
 * time that reading takes.
 */
export class RepeatedEvent {
  #before = "";
  #after = "";
  #lessons = 0;
  model: string | undefined;

  /** Remembers an event that means nothing but this content. */
  learn(json: string, content: string, model: string | undefined): void {
    if (this.#lessons === maxLessons || !simple.test(content)) return;
    const literal = `"${content}"`;
    const at = json.indexOf(literal);
    if (at < 0 || json.indexOf(literal, at + 1) >= 0 || !/"content": ?$/.test(json.slice(0, at).slice(-11))) return;
    this.#lessons += 1;
    this.#before = json.slice(0, at + 1);
    this.#after = json.slice(at + literal.length - 1);
    this.model = model;
  }

  /** The content of an event that is otherwise the same. */
  contentIn(json: string): string | undefined {
    const from = this.#before.length;
    const to = json.length - this.#after.length;
    if (from === 0 || to <= from) return undefined;
    if (json.slice(0, from) !== this.#before || json.slice(to) !== this.#after) return undefined; // faster than `startsWith`
    const content = json.slice(from, to);
    return simple.test(content) ? content : undefined;
  }
}

/** A typing indicator ends by itself if it is not renewed. */
const typingMs = 10_000;

/** Changes that are told at once; after that, one per `refillMs`. */
const burst = 5;
const refillMs = 1_000;

/** The typing indicator of one device. However often it changes, the others are told seldom, and of its last state. */
export class Typing {
  readonly #tell: (typing: boolean) => void;
  #isTyping = false;
  #told = false;
  #credit = burst;
  #refilledAt = performance.now();
  #end: NodeJS.Timeout | undefined;
  #later: NodeJS.Timeout | undefined;

  constructor(tell: (typing: boolean) => void) {
    this.#tell = tell;
  }

  set(typing: boolean): void {
    clearTimeout(this.#end);
    this.#isTyping = typing;
    if (typing) this.#end = setTimeout(() => this.set(false), typingMs).unref();
    if (this.#later) return;
    const waitMs = this.#waitMs();
    if (waitMs === 0) this.#say();
    else this.#later = setTimeout(() => this.#changed(), waitMs).unref();
  }

  /** The device has left: its indicator is off. */
  stop(): void {
    clearTimeout(this.#end);
    clearTimeout(this.#later);
    if (this.#told) this.#tell(false);
  }

  #changed(): void {
    this.#later = undefined;
    if (this.#told !== this.#isTyping) this.set(this.#isTyping);
  }

  #say(): void {
    this.#credit -= 1;
    this.#told = this.#isTyping;
    this.#tell(this.#isTyping);
  }

  #waitMs(): number {
    const now = performance.now();
    const refilled = Math.floor((now - this.#refilledAt) / refillMs);
    this.#credit = Math.min(burst, this.#credit + refilled);
    this.#refilledAt = this.#credit === burst ? now : this.#refilledAt + refilled * refillMs;
    return this.#credit > 0 ? 0 : Math.ceil(this.#refilledAt + refillMs - now);
  }
}

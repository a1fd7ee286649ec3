/** The length of a window. */
export const windowMs = 60_000;

/** Counts uses per key in windows of a minute, by a clock that nobody can set. */
export class Windows {
  readonly #maxUses: number;
  /** The one that ends first comes first. */
  readonly #open = new Map<string, { uses: number; endsAt: number }>();

  constructor(maxUses: number) {
    this.#maxUses = maxUses;
  }

  /** Counts one use. Returns 0 if it is allowed, otherwise the ms until the next use is. */
  use(key: string): number {
    const now = performance.now();
    const window = this.#window(key, now);
    window.uses += 1;
    return window.uses > this.#maxUses ? Math.max(1, Math.ceil(window.endsAt - now)) : 0;
  }

  /** Takes back a use. */
  giveBack(key: string): void {
    const window = this.#open.get(key);
    if (window && window.uses > 0) window.uses -= 1;
  }

  /** Whether the next use will not be allowed. */
  isUsedUp(key: string): boolean {
    const window = this.#open.get(key);
    return window !== undefined && window.endsAt > performance.now() && window.uses >= this.#maxUses;
  }

  #window(key: string, now: number): { uses: number; endsAt: number } {
    const open = this.#open.get(key);
    if (open && open.endsAt > now) return open;
    for (const [ended, { endsAt }] of this.#open) {
      if (endsAt > now) break;
      this.#open.delete(ended);
    }
    const window = { uses: 0, endsAt: now + windowMs };
    this.#open.set(key, window);
    return window;
  }
}

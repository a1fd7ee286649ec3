/** The ends of so many turns are remembered. */
const maxEnds = 50;

/** Turns whose end was sent to a member, or is queued: it is not sent twice, and nothing of them is sent after it. */
export class ToldEnds {
  /** Most members see none. */
  #turnIds: string[] | undefined;

  has(turnId: string): boolean {
    return this.#turnIds?.includes(turnId) ?? false;
  }

  /** Returns false if it is known already. */
  add(turnId: string): boolean {
    if (this.has(turnId)) return false;
    this.#turnIds = [...(this.#turnIds ?? []), turnId].slice(-maxEnds);
    return true;
  }
}

const LOOK_AGAIN_MS = 20;

interface Congestible {
  readonly congested: boolean;
  /** Those who wait for the congestion's end. */
  takeResumes(): (() => void)[];
}

/** Watches the sockets that somebody waits for. One timer for all of them, and none while nobody waits. */
export class Congestion {
  readonly #watched = new Set<Congestible>();
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  watch(outlet: Congestible): void {
    this.#watched.add(outlet);
    this.#timer ??= setInterval(() => this.#look(), LOOK_AGAIN_MS);
  }

  forget(outlet: Congestible): void {
    this.#watched.delete(outlet);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    for (const outlet of this.#watched) {
      if (outlet.congested) continue;
      this.forget(outlet);
      for (const resume of outlet.takeResumes()) this.#run(resume);
    }
  }

  #run(resume: () => void): void {
    try {
      resume();
    } catch (error) {
      this.#failed(error);
    }
  }
}

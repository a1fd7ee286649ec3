const CHECK_INTERVAL_MS = 20;

interface Congestible {
  readonly congested: boolean;
  /** Removes and returns the callbacks to run once congestion ends. */
  takeResumes(): (() => void)[];
}

/** Resumes senders when their socket is no longer congested. One timer serves all sockets and runs only while one is watched. */
export class Congestion {
  readonly #watched = new Set<Congestible>();
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  watch(outlet: Congestible): void {
    this.#watched.add(outlet);
    this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL_MS);
  }

  forget(outlet: Congestible): void {
    this.#watched.delete(outlet);
    if (this.#watched.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
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

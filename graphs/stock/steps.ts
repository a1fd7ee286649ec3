import type { Host } from "../host.ts";
import { cut } from "../text.ts";

/** Of a turn. Later ones are not told. */
const maxSteps = 200;

/** How many names a step's name has at most: its node, and the nodes of the graphs around it. */
const maxDepth = 4;

/** In UTF-16 units. */
const maxDetailUnits = 4_000;

/** Tells clients the nodes of a graph as steps. A node of a subgraph is named with the nodes around it, and one that runs again has a number. */
export class Steps {
  readonly #host: Pick<Host, "progress">;
  readonly #counts = new Map<string, number>();
  /** By the run of the node: its name, and what it says that is not part of the answer. */
  readonly #running = new Map<string, { step: string; said: string[] }>();
  #told = 0;

  constructor(host: Pick<Host, "progress">) {
    this.#host = host;
  }

  started(runId: string, path: readonly string[]): void {
    if (this.#told >= maxSteps) return;
    this.#told += 1;
    const name = path.slice(-maxDepth).join("/");
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    const step = count > 1 ? `${name} ${count}` : name;
    this.#running.set(runId, { step, said: [] });
    this.#host.progress({ type: "step_started", step });
  }

  said(runId: string | undefined, text: string): void {
    if (runId !== undefined && text.trim() !== "") this.#running.get(runId)?.said.push(text);
  }

  finished(runId: string, hasFailed = false): void {
    const running = this.#running.get(runId);
    if (!running) return;
    this.#running.delete(runId);
    const { step, said } = running;
    const detail = said.length > 0 ? cut(said.join("\n\n"), maxDetailUnits) : null;
    const failed = hasFailed ? { failed: { code: "unusable_reply" as const, model: "" } } : {};
    this.#host.progress({ type: "step_finished", step, detail, ...failed });
  }
}

import { setTimeout } from "node:timers/promises";

import { cut } from "../../graphs/text.ts";
import { ChannelError } from "../errors.ts";
import type { RateLimits } from "../limits/rate-limits.ts";
import type { Member } from "../phoenix/channel.ts";
import type { Graphs } from "../reload/graphs.ts";
import type { PromptFolder } from "../reload/prompt-folder.ts";
import type { Records } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";
import type { Log } from "../telemetry/log.ts";
import { turnError } from "../turns/outcome.ts";
import { changes, difference, type Figures, figuresOf, originalFigures, totalOf } from "./comparison.ts";
import type { DetachedServices } from "./detached.ts";
import { recordOf } from "./record.ts";
import { type Changes, replay } from "./replay.ts";
import { room } from "./room.ts";
import { tell } from "./tell.ts";
import type { RunRow, Figures as ShownFigures } from "./wire/prompts.ts";

/** Turns that are replayed at the same time. */
const atOnce = 4;

/** In UTF-16 units. The diff of longer answers is left out of a row. */
const maxDiffUnits = 16_384;

const maxQueryUnits = 200;

interface Parts {
  graphs: Graphs;
  services: DetachedServices;
  prompts: PromptFolder;
  records: Records;
  limits: RateLimits;
  timeoutMs: number;
  log: Log;
}

/** A turn's row, and its figures if it was answered. */
interface Row {
  row: Omit<RunRow, "run_id" | "turn_id">;
  figures?: { before: Figures; after: Figures };
}

/** One member's run of a prompt over past turns. Sends a row as each turn ends. Stops when the member leaves. */
export class PromptRuns {
  readonly #parts: Parts;
  readonly #member: Member<unknown>;
  readonly #userId: string;
  #running: { runId: string; controller: AbortController } | undefined;

  constructor(parts: Parts, member: Member<unknown>, userId: string) {
    this.#parts = parts;
    this.#member = member;
    this.#userId = userId;
  }

  /** Throws a ChannelError if another run is in progress. Call `begin` after the reply was sent. */
  start(turns: readonly Turn[], changed: Changes): { runId: string; begin: () => void } {
    if (this.#running) throw new ChannelError("busy", "A run is going on. Stop it first.");
    const runId = crypto.randomUUID();
    const controller = new AbortController();
    this.#running = { runId, controller };
    return { runId, begin: () => void this.#run(runId, turns, changed, controller.signal) };
  }

  stop(runId: string): boolean {
    if (this.#running?.runId !== runId) return false;
    this.stopAll();
    return true;
  }

  stopAll(): void {
    this.#running?.controller.abort();
  }

  /** Never rejects. */
  async #run(runId: string, turns: readonly Turn[], changed: Changes, signal: AbortSignal): Promise<void> {
    const waiting = [...turns];
    const done: { before: Figures; after: Figures }[] = [];
    const work = async () => {
      for (let turn = waiting.shift(); turn && !signal.aborted; turn = waiting.shift()) {
        const { row, figures } = await this.#row(turn, changed, signal);
        await room(this.#member, signal);
        if (signal.aborted) return;
        if (figures) done.push(figures);
        tell(this.#member, "run_row", { run_id: runId, turn_id: turn.id, ...row });
      }
    };
    await Promise.allSettled(Array.from({ length: atOnce }, work));
    this.#running = undefined;
    tell(this.#member, "run_finished", {
      run_id: runId,
      stopped: signal.aborted,
      turns: turns.length,
      answered: done.length,
      before: shownFigures(totalOf(done.map(({ before }) => before))),
      after: shownFigures(totalOf(done.map(({ after }) => after))),
    });
  }

  async #row(turn: Turn, changed: Changes, signal: AbortSignal): Promise<Row> {
    const { graphs, services, prompts, records, timeoutMs, log } = this.#parts;
    const query = cut(turn.request.query, maxQueryUnits);
    const before = originalFigures({ turn });
    try {
      await this.#allowed(signal);
      const recorded = await recordOf(records, turn);
      const both = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const answered = await replay(graphs.current(), services, prompts.current(), recorded, changed, {}, both);
      const after = figuresOf(answered);
      const older = turn.outcome?.response ?? "";
      const diff = changes(older, answered.response);
      const isLong = older.length + answered.response.length > maxDiffUnits;
      const shown = { before: shownFigures(before), after: shownFigures(after), changed: difference(diff) };
      return { row: { query, ...shown, diff: isLong ? null : diff }, figures: { before, after } };
    } catch (error) {
      const { code, message } = turnError(error);
      if (code === "internal" && !signal.aborted) log.error({ turn_id: turn.id, err: error }, "a replay failed");
      return { row: { query, before: shownFigures(before), failure: { code, message } } };
    }
  }

  /** Each turn of a run counts as a message. Waits instead of failing. */
  async #allowed(signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = await this.#parts.limits.messages(this.#userId);
      if (waitMs === 0) return;
      await setTimeout(waitMs, undefined, { signal });
    }
  }
}

/** Figures in the format of the wire. */
function shownFigures({
  route,
  model,
  inputTokens,
  outputTokens,
  calls,
  ms,
  firstWordMs,
  cost,
}: Figures): ShownFigures {
  return {
    conversation_type: route,
    model_used: model,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    llm_calls: calls,
    processing_time: ms,
    first_word_ms: firstWordMs,
    cost_usd: cost,
  };
}

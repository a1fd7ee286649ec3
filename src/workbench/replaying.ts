import { ModelFailure } from "../../graphs/failure.ts";
import { ChannelError } from "../errors.ts";
import type { Member } from "../phoenix/channel.ts";
import type { Graphs } from "../reload/graphs.ts";
import type { PromptFolder } from "../reload/prompt-folder.ts";
import type { Log } from "../telemetry/log.ts";
import { turnError } from "../turns/outcome.ts";
import { stageOf } from "../turns/stages.ts";
import type { DetachedServices } from "./detached.ts";
import type { Recorded } from "./record.ts";
import { type Changes, replay, replayInputs } from "./replay.ts";
import { room } from "./room.ts";
import { shownReplay } from "./show.ts";
import { tell } from "./tell.ts";
import { TextStream } from "./text-stream.ts";
import type { RunPlace } from "./wire/events.ts";
import type { RunEvent } from "./wire/runs.ts";

/** Replays that a member may run at the same time. */
const maxReplays = 4;

interface Parts {
  graphs: Graphs;
  services: DetachedServices;
  prompts: PromptFolder;
  timeoutMs: number;
  log: Log;
}

/** One member's replays. No other member sees them, and they end when the member leaves. */
export class Replays {
  readonly #parts: Parts;
  readonly #member: Member<unknown>;
  readonly #showRun: (place: RunPlace, event: RunEvent) => void;
  readonly #running = new Map<string, AbortController>();

  constructor(parts: Parts, member: Member<unknown>, showRun: (place: RunPlace, event: RunEvent) => void) {
    this.#parts = parts;
    this.#member = member;
    this.#showRun = showRun;
  }

  /** Throws a ChannelError if the replay cannot start. Call `begin` after the reply was sent. */
  start(recorded: Recorded, changes: Changes): { replayId: string; begin: () => void } {
    if (this.#running.size >= maxReplays)
      throw new ChannelError("busy", "Too many replays are running. Stop one first.");
    replayInputs(this.#parts.graphs.current(), this.#parts.prompts.current(), recorded, changes);
    const replayId = crypto.randomUUID();
    const controller = new AbortController();
    this.#running.set(replayId, controller);
    return { replayId, begin: () => void this.#run(replayId, recorded, changes, controller) };
  }

  stop(replayId: string): boolean {
    const controller = this.#running.get(replayId);
    controller?.abort();
    return controller !== undefined;
  }

  stopAll(): void {
    for (const controller of this.#running.values()) controller.abort();
  }

  /** Never rejects. */
  async #run(replayId: string, recorded: Recorded, changes: Changes, { signal }: AbortController): Promise<void> {
    const { graphs, services, prompts, timeoutMs, log } = this.#parts;
    const brain = graphs.current();
    const ids = { replay_id: replayId, turn_id: recorded.turn.id };
    const timeout = AbortSignal.timeout(timeoutMs);
    const text = new TextStream(this.#member, (payload) =>
      tell(this.#member, "replay_delta", { replay_id: replayId, ...payload }),
    );
    const listener = {
      progress: (progress: Parameters<typeof stageOf>[0]) =>
        tell(this.#member, "replay_progress", { replay_id: replayId, stage: progress.type, ...stageOf(progress) }),
      delta: (piece: string) => text.append(piece),
      restart: () => text.restart(),
      node: (event: RunEvent) => this.#showRun(ids, event),
    };
    try {
      const both = AbortSignal.any([signal, timeout]);
      const answered = await replay(brain, services, prompts.current(), recorded, changes, listener, both);
      text.flush();
      await room(this.#member, both); // the result of a long answer would not fit behind its last piece
      tell(this.#member, "replay_finished", { replay_id: replayId, ...shownReplay(brain, recorded, answered) });
    } catch (error) {
      text.drop();
      const failure = timeout.aborted ? new ModelFailure("model_timeout", "The replay took too long.") : error;
      const { code, message } = turnError(failure);
      if (code === "internal" && !signal.aborted) log.error({ ...ids, err: error }, "a replay failed");
      const why = signal.aborted ? { code: "stopped", message: "The replay was stopped." } : { code, message };
      tell(this.#member, "replay_failed", { ...ids, ...why });
    } finally {
      this.#running.delete(replayId);
    }
  }
}

import type { AttachedFile } from "../../graphs/files.ts";
import type { Host, InputRequest } from "../../graphs/host.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import { StoreBusy } from "../store/store.ts";
import type { Claim, Produced } from "../store/turns.ts";
import type { FailedStep } from "./failure-log.ts";
import type { Lease } from "./lease.ts";
import { type Ledger, ledger } from "./ledger.ts";
import { customJson, leftovers } from "./leftovers.ts";
import { bounded, pieces } from "./pieces.ts";
import { seal } from "./seal.ts";
import { silentHost } from "./silent-host.ts";
import { routeOf, stageOf } from "./stages.ts";
import { toolCalls } from "./tool-calls.ts";
import { turnFiles } from "./turn-files.ts";
import { TurnSaver } from "./turn-saver.ts";
import type { TurnServices } from "./turn-services.ts";
import { accountOf, answersOf, type Left, restartsOf, WaitSignal } from "./waiting.ts";

/** In UTF-8. Longer reasoning is cut. */
const maxReasoningBytes = 262_144;

/** The host of one turn. */
export interface TurnHost extends Host {
  readonly account: Ledger;
  /** The files of the turn's message. */
  readonly attachments: readonly AttachedFile[];
  /** Those that are not logged yet: the turn will probably fail for the same reason, and then one line is enough. */
  readonly failedSteps: FailedStep[];
  /** The least room that a request had for the memory, in tokens. Infinity if all of them had enough. */
  readonly room: number;
  /** What the turn waits for. */
  readonly asked: readonly InputRequest[] | undefined;
  /** What it leaves to later turns. */
  readonly leaves: Produced | undefined;
  /** From now on, nothing that nodes do reaches clients or the store. What they spend still counts. */
  seal(): void;
}

/** What an attempt begins with. */
interface Beginning {
  prompts: PromptSet;
  left: Left;
  lease: Lease;
  /** Ends the turn. */
  fail: (error: unknown) => void;
}

export function turnHost(services: TurnServices, claim: Claim, { prompts, left, lease, fail }: Beginning): TurnHost {
  const { store, bus, live, metrics, log, failures } = services;
  const { turn } = claim;
  const { id: turnId, conversationId } = turn;
  const { wait } = left;
  const account = ledger(undefined, accountOf(wait));
  const isRouted = account.route !== undefined;
  const restarts = restartsOf(turn, wait);
  const said = wait?.answer.text ?? "";
  const thought = wait?.reasoning;
  const crashes = restarts - (wait?.answer.restarts ?? 0);
  const publishText = (type: "text" | "reasoning") => (restarts: number, offset: number, text: string) =>
    bus.publish(conversationId, { type, turnId, restarts, offset, text });
  const answer = pieces(restarts, publishText("text"), said.length);
  const thoughts = pieces((thought?.restarts ?? 0) + crashes, publishText("reasoning"), thought?.text.length);
  const reasoning = bounded(
    thoughts,
    maxReasoningBytes,
    () =>
      log.warn(
        { turn_id: turnId, max_bytes: maxReasoningBytes },
        "the model's reasoning is too long; the rest is dropped",
      ),
    Buffer.byteLength(thought?.text ?? ""),
  );
  const { isClosed: isSilent, close } = seal(lease, fail);
  const calls = toolCalls({
    store: store.toolCalls,
    claim,
    before: left.calls,
    publish: (key, call) => bus.publish(conversationId, { type: "tool", turnId, key, call }),
    isSilent,
    fail,
    log,
  });
  const files = turnFiles(services.files, store.history, turn);
  const wantsSources = turn.request.preferences.include_sources === true;
  const failedSteps: FailedStep[] = [];
  let room = Number.POSITIVE_INFINITY;
  let saver: TurnSaver | undefined;
  let asked: readonly InputRequest[] | undefined;
  let produced: Produced | undefined;

  /** If the store is busy, the turn continues without the stored result; after a crash the step would run again. */
  async function keep(name: string, result: string): Promise<void> {
    try {
      await store.turns.keepStep(claim, name, result);
    } catch (error) {
      if (!(error instanceof StoreBusy)) throw error;
      log.warn({ turn_id: turnId, step: name, err: error }, "a step's result was not stored");
    }
  }

  return {
    ...silentHost(services, prompts, account),
    account,
    failedSteps,
    said,
    resume: answersOf(wait),
    get room() {
      return room;
    },
    get asked() {
      return asked;
    },
    get leaves() {
      return produced;
    },
    attachments: files.attachments,
    files: files.all,
    source: (source, ifNamed) => (wantsSources ? account.source(source, ifNamed) : undefined),
    report: () => ({
      ...account.metadata(),
      ...calls.metadata(),
      ...account.sources(live.running(conversationId)?.answer.text() ?? ""),
    }),
    seal: close,
    progress(progress) {
      if (isSilent() || (progress.type === "routed" && isRouted)) return;
      if (progress.type === "routed") account.routed(routeOf(progress));
      bus.publish(conversationId, { type: "stage", turnId, stage: stageOf(progress) });
    },
    stepFailed(step, failure, cause) {
      metrics.stepFailed(step, failure.code);
      if (cause?.inAnyForm) failedSteps.push({ step, failure, cause });
      else failures.steps(turnId, [{ step, failure, cause }]);
      account.warn(`The step "${step}" failed (${failure.code}); the answer was made without it.`);
    },
    warn: account.warn,
    memoryRoom(tokens) {
      room = Math.min(room, tokens);
    },
    delta(piece) {
      if (piece === "" || isSilent()) return;
      if (failedSteps.length > 0) failures.steps(turnId, failedSteps.splice(0));
      if (thoughts.isDiscarded) thoughts.add(""); // this attempt answers without reasoning
      account.wrote();
      answer.add(piece);
    },
    reasoning(piece) {
      if (piece !== "" && !isSilent()) reasoning.add(piece);
    },
    restart() {
      answer.restart();
      reasoning.restart();
    },
    spent(spending) {
      account.spent(spending);
      metrics.spent(account.route?.conversation_type ?? "router", spending);
    },
    async step<T>(name: string, run: () => Promise<T>): Promise<T> {
      const known = left.steps.get(name);
      if (known !== undefined) return JSON.parse(known) as T; // stored below by the same step
      const result = await run();
      if (!isSilent()) await keep(name, JSON.stringify(result));
      return result;
    },
    toolCall: calls.report,
    custom(data) {
      const json = customJson(data);
      if (json === undefined)
        account.warn("The graph wrote more custom data than fits into an event; it was left out.");
      else if (!isSilent()) bus.publish(conversationId, { type: "custom", turnId, data: JSON.parse(json) });
    },
    saver() {
      saver ??= new TurnSaver(store.checkpoints, claim);
      return saver;
    },
    wait(requests) {
      if (answer.isDiscarded) answer.add("");
      asked = requests;
      close();
      throw new WaitSignal();
    },
    produced(messages, kept) {
      produced = leftovers(messages, kept, (part) =>
        log.warn({ turn_id: turnId, part }, "too much to keep with a turn"),
      );
    },
    async lastKept(engine) {
      const kept = await store.history.lastKept(turn.sessionId, turn.seq, engine);
      return kept === undefined ? undefined : JSON.parse(kept);
    },
  };
}

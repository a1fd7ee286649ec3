import type { ConversationStore, TurnState } from "../store/state.ts";
import { AnswerWriter, start, textOf } from "./answer.ts";
import { requestsOf, toolEvents } from "./asked.ts";
import { forkPoints } from "./forks.ts";
import type { Questions } from "./questions.ts";
import { hasSameMessages, hasSameValues, newIn, type Screen, screenOf, valuesOf, wholeValuesOf } from "./screen.ts";
import { type ConversationMessage, isSameList, type TurnView } from "./values.ts";
import { event, type Sent } from "./wire.ts";

/** Turns changes of the store into events. There is no event log: a late reader gets the state. */
export class Projection {
  readonly #look: (before?: Screen) => Screen;
  readonly #answers = new AnswerWriter();
  #screen: Screen = {
    views: new Map(),
    connection: { state: "connecting" },
    hasEarlier: false,
    isBusy: false,
    requests: [],
  };
  #isRunning = false;
  /** The last event that said whether turns run. Sent again with the same id, so that the SDK handles it once. */
  #lifecycle = event("lifecycle", { event: "completed" });

  constructor(store: ConversationStore, questions: Questions) {
    this.#look = (before) => screenOf(store, questions, before);
    this.update();
  }

  /** What has changed since the last call. */
  update(): Sent[] {
    const before = this.#screen;
    this.#screen = this.#look(before);
    const { views, isBusy } = this.#screen;
    const ended = [...views.values()].filter(
      ({ isOver, turn }) => isOver && !turn.isPast && !before.views.get(turn.key)?.isOver,
    );
    const asks = requestsOf(this.#screen, before.requests);
    const begins = !this.#isRunning && (isBusy || ended.length > 0 || asks.length > 0);
    if (begins) this.#answers.startOver();
    return [
      ...(begins ? this.#begin() : []),
      ...this.#changedValues(before),
      ...[...views.values()].flatMap((view) => {
        const known = before.views.get(view.turn.key);
        return [...toolEvents(view, known), ...this.#written(view, known)];
      }),
      ...(ended.length > 0 ? this.#wholeValues() : []),
      ...asks,
      ...(this.#isRunning && !isBusy ? this.#end(ended.at(-1)?.turn) : []),
    ];
  }

  /** Everything, for a new reader. */
  snapshot(): Sent[] {
    return [
      ...this.#wholeValues(),
      ...forkPoints([...this.#screen.views.values()]),
      ...this.#wholeValues(),
      ...[...this.#screen.views.values()].flatMap((view) => toolEvents(view)),
      ...(this.#isRunning ? [this.#lifecycle] : []),
      ...this.#openAnswers(),
      ...requestsOf(this.#screen),
    ];
  }

  /** Asks again: the SDK forgets what a turn asked when the page sends a message. */
  asks(): Sent[] {
    return requestsOf(this.#screen);
  }

  get screen(): Screen {
    return this.#screen;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Whether turns run. */
  lifecycle(): Sent[] {
    return [this.#lifecycle];
  }

  /** Repeats that turns are running: earlier versions of the SDK take a second `submit` for the end of the first. */
  goesOn(): Sent[] {
    return this.#isRunning ? [...this.#begin(), ...this.#openAnswers()] : [];
  }

  /** Repeats that nothing is running, for a reader that waits for the end of a turn that has already ended. */
  ended(): Sent[] {
    return this.#isRunning ? [] : this.#end(undefined);
  }

  #wholeValues(): Sent[] {
    return [event("checkpoints", newest), event("values", wholeValuesOf(this.#screen))];
  }

  #changedValues(before: Screen): Sent[] {
    const after = this.#screen;
    if (hasSameMessages(before, after)) return hasSameValues(before, after) ? [] : [event("values", valuesOf(after))];
    if (after.views.size === 0) return this.#noMessages();
    const forks = forkPoints(newIn(after, before));
    return [...this.#wholeValues(), ...forks, ...(forks.length > 0 ? this.#wholeValues() : [])];
  }

  /** The SDK ignores an empty list. The next message removes this one. */
  #noMessages(): Sent[] {
    const nothing: ConversationMessage = { type: "system", id: "nothing", content: "" };
    return [event("checkpoints", newest), event("values", { ...valuesOf(this.#screen), messages: [nothing] })];
  }

  #written(view: TurnView, before: TurnView | undefined): Sent[] {
    if (view === before || (!before && view.isOver)) return [];
    const isSame = isSameList((before?.blocks ?? []).map(textOf), view.blocks.map(textOf));
    return isSame && view.isOver === before?.isOver ? [] : this.#answers.write(view, before?.blocks);
  }

  /** Starts answers in progress over: later versions of the SDK drop them when a turn starts. */
  #openAnswers(): Sent[] {
    return [...this.#screen.views.values()].filter((view) => this.#answers.isOpen(view)).flatMap(start);
  }

  #begin(): Sent[] {
    this.#isRunning = true;
    this.#lifecycle = event("lifecycle", { event: "running" });
    return [this.#lifecycle];
  }

  #end(last: TurnState | undefined): Sent[] {
    this.#isRunning = false;
    const { error } = last ?? {};
    const state = this.#screen.requests.length > 0 ? "interrupted" : "completed";
    this.#lifecycle = event("lifecycle", error ? { event: "failed", error: error.message } : { event: state });
    return [this.#lifecycle];
  }
}

/** Later versions of the SDK treat checkpoints whose ids sort first as older. */
const newest = { id: "~", step: 1, source: "loop" } as const;

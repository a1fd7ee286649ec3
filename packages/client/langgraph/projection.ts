import type { ConversationStore, TurnState } from "../store/state.ts";
import { AnswerWriter, start, textOf } from "./answer.ts";
import { forkPoints } from "./forks.ts";
import type { Questions } from "./questions.ts";
import { type ConversationMessage, isSameList, messagesOf, type TurnView, viewOf } from "./values.ts";
import { event, type Sent } from "./wire.ts";

/** Turns what changes in the store into events. Nothing is logged: who comes late gets the state. */
export class Projection {
  readonly #store: ConversationStore;
  readonly #questions: Questions;
  readonly #answers = new AnswerWriter();
  #views: ReadonlyMap<string, TurnView> = new Map();
  #isRunning = false;
  /** The last event that said whether turns run. Sent again with its id, so that the SDK heeds it once. */
  #lifecycle = event("lifecycle", { event: "completed" });
  #rest: object;

  constructor(store: ConversationStore, questions: Questions) {
    this.#store = store;
    this.#questions = questions;
    this.#rest = this.#restOfValues();
    this.update();
  }

  /** What has changed since the last call. */
  update(): Sent[] {
    const before = this.#views;
    this.#views = this.#look(before);
    const rest = this.#rest;
    this.#rest = this.#restOfValues(rest);
    const views = [...this.#views.values()];
    const ended = views.filter((view) => view.isOver && !view.turn.isPast && !before.get(view.turn.key)?.isOver);
    const isBusy = this.#store.getSnapshot().turns.some(isUnfinished);
    const begins = !this.#isRunning && (isBusy || ended.length > 0);
    return [
      ...(begins ? this.#begin() : []),
      ...this.#changedValues(before, rest),
      ...views.flatMap((view) => this.#written(view, before.get(view.turn.key))),
      ...(ended.length > 0 ? this.#wholeValues() : []),
      ...(this.#isRunning && !isBusy ? this.#end(ended.at(-1)?.turn) : []),
    ];
  }

  /** Everything, for a new reader. */
  snapshot(): Sent[] {
    const views = [...this.#views.values()];
    return [
      ...this.#wholeValues(),
      ...forkPoints(views),
      ...this.#wholeValues(),
      ...(this.#isRunning ? [this.#lifecycle] : []),
      ...views.filter((view) => this.#answers.isOpen(view)).flatMap(start),
    ];
  }

  /** The state for `getState`. The answer that is being written comes with the events. */
  values() {
    return this.#values([...this.#views.values()].map((view) => (view.isOver ? view : { ...view, blocks: [] })));
  }

  views(): TurnView[] {
    return [...this.#views.values()];
  }

  /** Whether turns run. */
  lifecycle(): Sent[] {
    return [this.#lifecycle];
  }

  /** Says once more that nothing runs, to who waits for the end of a turn that has long ended. */
  ended(): Sent[] {
    return this.#isRunning ? [] : this.#end(undefined);
  }

  #look(before: ReadonlyMap<string, TurnView>): ReadonlyMap<string, TurnView> {
    const { turns } = this.#store.getSnapshot();
    const views = new Map<string, TurnView>();
    for (const turn of turns) {
      if (this.#questions.isHidden(turn)) continue;
      const known = before.get(turn.key);
      views.set(turn.key, known?.turn === turn ? known : viewOf(turn, this.#questions.idOf(turn), known));
    }
    return views;
  }

  #restOfValues(before?: object): object {
    const { connection, hasEarlier } = this.#store.outline.getSnapshot();
    const rest = { connection, hasEarlier };
    return before && isSameList(Object.values(before), Object.values(rest)) ? before : rest;
  }

  #values(views: readonly TurnView[]) {
    return { ...this.#rest, turns: views.map(({ values }) => values), messages: views.flatMap(messagesOf) };
  }

  #wholeValues(): Sent[] {
    return [event("checkpoints", newest), event("values", this.#values(this.views()))];
  }

  /** The SDK heeds no empty list. This message goes with the next. */
  #noMessages(): Sent[] {
    const nothing: ConversationMessage = { type: "system", id: "nothing", content: "" };
    return [event("checkpoints", newest), event("values", { ...this.#rest, turns: [], messages: [nothing] })];
  }

  #changedValues(before: ReadonlyMap<string, TurnView>, rest: object): Sent[] {
    const was = [...before.values()];
    const is = this.views();
    if (is.length === 0 && was.length > 0) return this.#noMessages();
    if (!isSameList(was.map(outlineOf), is.map(outlineOf))) {
      const forks = forkPoints(is.filter((view) => outlineOf(view) !== outlineOf(before.get(view.turn.key))));
      return [...this.#wholeValues(), ...forks, ...(forks.length > 0 ? this.#wholeValues() : [])];
    }
    const [turnsBefore, turns] = [was, is].map((views) => views.map(({ values }) => values));
    if (rest === this.#rest && isSameList(turnsBefore ?? [], turns ?? [])) return [];
    return [event("values", { ...this.#rest, turns })];
  }

  #written(view: TurnView, before: TurnView | undefined): Sent[] {
    if (view === before || (!before && view.isOver)) return [];
    const isNews = view.isOver !== before?.isOver || !isSameText(before.blocks, view.blocks);
    return isNews ? this.#answers.write(view, before?.blocks) : [];
  }

  #begin(): Sent[] {
    this.#isRunning = true;
    this.#lifecycle = event("lifecycle", { event: "running" });
    return [this.#lifecycle];
  }

  #end(last: TurnState | undefined): Sent[] {
    this.#isRunning = false;
    const { error } = last ?? {};
    this.#lifecycle = event("lifecycle", error ? { event: "failed", error: error.message } : { event: "completed" });
    return [this.#lifecycle];
  }
}

/** Later versions of the SDK take checkpoints for older whose ids sort before. */
const newest = { id: "~", step: 1, source: "loop" } as const;

function isUnfinished({ status }: TurnState): boolean {
  return status === "sending" || status === "queued" || status === "running" || status === "waiting";
}

/** Changes with the list of messages. */
function outlineOf(view: TurnView | undefined): string {
  if (!view) return "";
  const { turn, values, blocks } = view;
  return `${values.question} ${turn.turn_id} ${blocks.length > 0}`;
}

function isSameText(before: TurnView["blocks"], after: TurnView["blocks"]): boolean {
  return isSameList(before.map(textOf), after.map(textOf));
}

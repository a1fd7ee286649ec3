import type { ConversationStore, TurnState } from "../store/state.ts";
import type { Questions } from "./questions.ts";
import { isSameList, messagesOf, type TurnView, viewOf } from "./values.ts";

/** Everything that the hook shows. */
export interface Screen {
  /** By the turn's key, oldest first. */
  views: ReadonlyMap<string, TurnView>;
  connection: ReturnType<ConversationStore["getSnapshot"]>["connection"];
  hasEarlier: boolean;
  /** A turn is running, queued or being sent. A waiting turn is not: it, and those queued behind it, wait for a person. */
  isBusy: boolean;
  /** What the waiting turn asks. */
  requests: TurnView["values"]["requests"];
}

/** Parts that have not changed since `before` stay the same objects. */
export function screenOf(store: ConversationStore, questions: Questions, before?: Screen): Screen {
  const { turns, connection, hasEarlier } = store.getSnapshot();
  const views = new Map<string, TurnView>();
  for (const turn of turns) {
    if (questions.isHidden(turn)) continue;
    const known = before?.views.get(turn.key);
    views.set(turn.key, known?.turn === turn ? known : viewOf(turn, questions.idOf(turn), known));
  }
  const open = [...views.values()].flatMap(({ values }) => values.requests).filter(({ status }) => status === "open");
  const requests = before && isSameList(before.requests, open) ? before.requests : open;
  return { views, connection, hasEarlier, isBusy: isBusy(turns), requests };
}

function isBusy(turns: readonly TurnState[]): boolean {
  const has = (wanted: TurnState["status"]) => turns.some(({ status }) => status === wanted);
  return has("sending") || (!has("waiting") && (has("running") || has("queued")));
}

/** The values other than the messages. */
export function valuesOf({ views, connection, hasEarlier, requests }: Screen) {
  return { connection, hasEarlier, requests, turns: [...views.values()].map(({ values }) => values) };
}

export function hasSameValues(before: Screen, after: Screen): boolean {
  if (before.connection !== after.connection || before.hasEarlier !== after.hasEarlier) return false;
  return isSameList(valuesOf(before).turns, valuesOf(after).turns);
}

export function hasSameMessages(before: Screen, after: Screen): boolean {
  return isSameList([...before.views.values()].map(outlineOf), [...after.views.values()].map(outlineOf));
}

/** The turns with messages that were not there before. */
export function newIn(after: Screen, before: Screen): TurnView[] {
  return [...after.views.values()].filter((view) => {
    const known = before.views.get(view.turn.key);
    return !known || outlineOf(known) !== outlineOf(view);
  });
}

/** Changes with the list of messages. */
function outlineOf({ turn, values, blocks, tools }: TurnView): string {
  const calls = tools.map(({ tool_call_id, status }) => `${tool_call_id} ${status}`);
  return `${values.question} ${turn.turn_id} ${blocks.length > 0} ${calls.join()}`;
}

/** All values. Without `written`, the answer that is being written is left out: it comes with the events. */
export function wholeValuesOf(screen: Screen, { written = true } = {}) {
  const views = [...screen.views.values()].map((view) => (written || view.isOver ? view : { ...view, blocks: [] }));
  return { ...valuesOf(screen), messages: views.flatMap(messagesOf) };
}

import type { TurnEvent } from "../feed.ts";
import type { ConversationEvents } from "../intake.ts";
import type { On } from "../listeners.ts";
import { isOver } from "../look-up.ts";
import type { Delivery, DeliveryEvents } from "../outbox.ts";
import type { ClientEvents, Joined, Replies } from "../protocol.ts";
import type { Turn } from "../turn.ts";
import type { Unsent } from "../unsent.ts";
import type { pages } from "./pages.ts";
import type { FileFacts, TurnState } from "./state.ts";
import { changed, eventTypes, failed, newTurn, refusedTurn } from "./turn-state.ts";
import type { Turns } from "./turns.ts";

/** What a store needs of its conversation. */
export interface Source {
  on: On<ConversationEvents>;
  onDelivery: On<DeliveryEvents>;
  push(event: "get_history", page: ClientEvents["get_history"]): Promise<Replies["get_history"]>;
  /** The latest join, if the conversation is still open. */
  joined(): Joined | undefined;
  /** The events so far of unfinished turns. */
  unfinished(): Iterable<readonly [turnId: string, events: readonly TurnEvent[]]>;
  /** Messages that are not confirmed, or were refused. */
  unsent(): readonly Unsent[];
  regenerate(turnId: string): Turn;
  /** Sends a refused message again. */
  resend(id: string): Turn | undefined;
  /** Forgets a refused message. */
  forget(id: string): void;
}

interface Parts {
  turns: Turns;
  history: ReturnType<typeof pages>;
  publish: (isText?: boolean) => void;
}

/** Builds the turns from the conversation's events: first the earlier ones, then each as it happens. */
export function follow(source: Source, { turns, history, publish }: Parts): void {
  const { on, onDelivery } = source;

  /** The replaced turn leaves the history with all later turns. Not all of those are known here, so the history is read again. */
  function replace(turnId: string): void {
    const key = turns.keyOf(turnId);
    const replaces = turns.at(key)?.replaces;
    if (key === undefined || replaces === undefined || turns.isGone(replaces)) return;
    turns.replaced(replaces, key);
    history.read();
  }

  function change(turnId: string, how: (turn: TurnState) => TurnState): void {
    turns.change(turnId, how);
    replace(turnId);
  }

  function apply(turnId: string, event: TurnEvent): void {
    if (event.type !== "accepted") change(turnId, (turn) => changed(turn, event));
  }

  function tell(turnId: string, event: TurnEvent): void {
    const isKnown = turns.isKnown(turnId);
    apply(turnId, event);
    publish(isKnown && (event.type === "text" || event.type === "reasoning"));
  }

  function joined({ running_turn: running }: Joined): void {
    if (running) {
      const { offset: _offset, ...facts } = running;
      change(facts.turn_id, (turn) => (isOver(turn) ? turn : { ...turn, ...facts }));
    }
    history.read();
  }

  function sending({ event, payload }: Delivery): void {
    if (turns.at(payload.id)?.turn_id !== undefined) return; // the same message once more
    const replaced = event === "message" ? undefined : (payload.turn_id ?? turns.ids().at(-1));
    const known = replaced === undefined ? undefined : turns.at(turns.keyOf(replaced));
    const query = event === "regenerate" ? (known?.query ?? "") : payload.content;
    const { replaces = replaced } = turns.at(payload.id) ?? {};
    const attachments = (payload.attachments as FileFacts[] | undefined) ?? known?.attachments;
    turns.put(newTurn(payload.id, { query, attachments, status: "sending", replaces }));
  }

  function refused({ id, error }: DeliveryEvents["refused"]): void {
    const turn = turns.at(id);
    if (turn) turns.put(refusedTurn(turn, error));
  }

  function late({ id, delivery, error }: DeliveryEvents["late"]): void {
    if (turns.at(id)?.turn_id !== undefined) return; // the same message once more
    sending(delivery);
    refused({ id, error });
  }

  function accepted({ id, reply }: DeliveryEvents["accepted"]): void {
    const isUnknown = reply.duplicate && !turns.isKnown(reply.turn_id);
    turns.accepted(id, reply);
    replace(reply.turn_id);
    if (isUnknown) history.read(); // it may be an old turn, or have left the history
  }

  for (const { delivery, error } of source.unsent()) {
    sending(delivery);
    if (error) refused({ id: delivery.payload.id, error });
  }
  for (const [turnId, events] of source.unfinished()) for (const event of events) apply(turnId, event);
  const join = source.joined();
  if (join) joined(join);

  on("joined", then(joined));
  for (const type of eventTypes) {
    on(type, (event) => tell(event.turn_id, { type, ...event } as TurnEvent)); // of that type
  }
  on(
    "failed",
    then((event) => turns.change(event.turn_id, (turn) => failed(turn, event))),
  );
  onDelivery("sending", then(sending));
  onDelivery("accepted", then(accepted));
  onDelivery("refused", then(refused));
  onDelivery("late", then(late));
  on(
    "conversation_reset",
    then(() => {
      for (const { key, turn_id } of turns.all()) if (turn_id !== undefined) turns.remove(key);
      history.emptied();
    }),
  );

  function then<Payload>(change: (payload: Payload) => void) {
    return (payload: Payload) => {
      change(payload);
      publish();
    };
  }
}

/** How far a terminal event has come on its way to the user: sent to some device, or acknowledged by one. */
export type Delivery = "sent" | "acknowledged";

/** Which terminal events members have received. Turns that have left the history are never among those still to be sent. */
export interface DeliveryStore {
  /**
   * The turns of the current session that ended after this one did, by id. With an offset, for a client that saw so much of this turn's
   * answer: with this turn itself, and with those that ended beside it, later in its answer. Undefined when the turn is unknown.
   */
  endedAfter(conversationId: string, turnId: string, offset?: number): Promise<string[] | undefined>;
  /** The turns of the current session whose terminal event nobody has acknowledged, by id. */
  undelivered(conversationId: string): Promise<string[]>;
  /** Records how far the terminal events of these turns have come. Never takes a step back. */
  mark(deliveries: ReadonlyMap<string, Delivery>): Promise<void>;
}

/** Whether a terminal event was sent to one of the user's devices, or acknowledged by one. */
export type Delivery = "sent" | "acknowledged";

export interface End {
  turnId: string;
  position: number;
}

/** Which terminal events members have received. Unless it says otherwise, turns that have left the history are not returned. */
export interface DeliveryStore {
  /**
   * Ids of the current session's turns that ended after this one, in order. With an offset, for a client that has read this turn's answer up
   * to there, they include this turn and the queued turns that were stopped while it ran past the offset. Undefined if the turn is unknown.
   */
  endedAfter(conversationId: string, turnId: string, offset?: number): Promise<string[] | undefined>;
  /** Ids of the current session's turns whose terminal event nobody has acknowledged, in order. */
  undelivered(conversationId: string): Promise<string[]>;
  /** The position of the current session's last end in the order in which turns end; 0 if there is none. */
  lastEnd(conversationId: string): Promise<number>;
  /** The ends of the current session's turns after this position, in order, at most 200. Also of turns that have left the history since. */
  endsSince(conversationId: string, position: number): Promise<End[]>;
  /** Marks the terminal events of these turns, by id, as sent or acknowledged; never downgrades. */
  mark(deliveries: ReadonlyMap<string, Delivery>): Promise<void>;
}

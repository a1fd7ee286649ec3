/** Whether a terminal event was sent to one of the user's devices, or acknowledged by one. */
export type Delivery = "sent" | "acknowledged";

/** Which terminal events members have received. Turns that have left the history are never returned. */
export interface DeliveryStore {
  /**
   * Ids of the current session's turns that ended after this one, in order. With an offset, for a client that has read this turn's answer up
   * to there, they include this turn and the queued turns that were stopped while it ran past the offset. Undefined if the turn is unknown.
   */
  endedAfter(conversationId: string, turnId: string, offset?: number): Promise<string[] | undefined>;
  /** Ids of the current session's turns whose terminal event nobody has acknowledged, in order. */
  undelivered(conversationId: string): Promise<string[]>;
  /**
   * Ids of the current session's turns that ended after a position in the order of ending, at most 200, in that order, and the position of the
   * last one. Without a position: no ids, and the position of the last turn that ended.
   */
  endedSince(conversationId: string, position?: number): Promise<{ position: number; turnIds: string[] }>;
  /** Marks the terminal events of these turns, by id, as sent or acknowledged; never downgrades. */
  mark(deliveries: ReadonlyMap<string, Delivery>): Promise<void>;
}

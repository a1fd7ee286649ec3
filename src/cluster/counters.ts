/** What the bus does, counted since the start of the process. */
export interface Counters {
  published: number;
  /** In UTF-16 units of JSON. */
  publishedUnits: number;
  received: number;
  receivedUnits: number;
  /** Pieces of text that were told together with another one. */
  mergedDeltas: number;
  /** How often other nodes were asked for their state. */
  asked: number;
  /** How often the store was asked what was missed. */
  healed: number;
  /** What could not be published. */
  lost: number;
}

export function counters(): Counters {
  return {
    published: 0,
    publishedUnits: 0,
    received: 0,
    receivedUnits: 0,
    mergedDeltas: 0,
    asked: 0,
    healed: 0,
    lost: 0,
  };
}

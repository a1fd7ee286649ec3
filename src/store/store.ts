import type { ConversationStore } from "./conversations.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { HistoryStore } from "./history.ts";
import type { Records } from "./records.ts";
import type { TurnStore } from "./turns.ts";

/** Persistent storage, by concern. Every adapter has to pass `test/store/contract.ts`. */
export interface Store {
  conversations: ConversationStore;
  turns: TurnStore;
  history: HistoryStore;
  deliveries: DeliveryStore;
  records: Records;
  /** Rejects if the store is unusable: the database file is gone, or has been locked for too long. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** The database was locked for too long by another program. Nothing was written; the write can be retried. */
export class StoreBusy extends Error {
  constructor() {
    super("The database is locked by another program.");
    this.name = "StoreBusy";
  }
}

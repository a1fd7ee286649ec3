import type { ConversationStore } from "./conversations.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { HistoryStore } from "./history.ts";
import type { Records } from "./records.ts";
import type { TurnStore } from "./turns.ts";

/** Everything that is kept, by concern. `test/store/contract.ts` is what each adapter has to pass. */
export interface Store {
  conversations: ConversationStore;
  turns: TurnStore;
  history: HistoryStore;
  deliveries: DeliveryStore;
  records: Records;
  /** Rejects when the store cannot be used: the database is gone, or has taken no write for a while. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** A write waited too long for a database that somebody else holds. Nothing was written; it may be tried again. */
export class StoreBusy extends Error {
  constructor() {
    super("The database is locked by another program.");
    this.name = "StoreBusy";
  }
}

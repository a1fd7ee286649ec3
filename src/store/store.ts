import type { CheckpointStore } from "./checkpoints.ts";
import type { ConversationStore } from "./conversations.ts";
import type { DeliveryStore } from "./deliveries.ts";
import type { FileStore } from "./files.ts";
import type { HistoryStore } from "./history.ts";
import type { Records } from "./records.ts";
import type { ToolCallStore } from "./tool-calls.ts";
import type { TurnStore } from "./turns.ts";
import type { WaitStore } from "./waits.ts";

/** Persistent storage, by concern. Every adapter has to pass `test/store/contract.ts`. */
export interface Store {
  conversations: ConversationStore;
  turns: TurnStore;
  waits: WaitStore;
  checkpoints: CheckpointStore;
  toolCalls: ToolCallStore;
  files: FileStore;
  history: HistoryStore;
  deliveries: DeliveryStore;
  records: Records;
  /** Other processes may write to it, so a claim may be lost to one of them. */
  isShared: boolean;
  /** Connections to the database, where there are several. `waiting` requests want one. */
  connections?: () => { total: number; idle: number; waiting: number };
  /** Rejects if the store is unusable: the database file is gone or locked, or the disk is full. */
  ready(): Promise<void>;
  /** Resolves with the error if the store fails for good. The process has to exit then, because it no longer knows what is on disk. */
  failed: Promise<Error>;
  close(): Promise<void>;
}

/** The store cannot write right now, because the database is locked or the disk is full. Nothing was written; the write can be retried. */
export class StoreBusy extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoreBusy";
  }
}

import type { Claim } from "./turns.ts";

/** A serialized value and the name of its format. */
export interface Serialized {
  type: string;
  bytes: Uint8Array;
}

/** A checkpoint of a graph in a namespace. Namespaces are those of subgraphs. */
export interface NewCheckpoint {
  namespace: string;
  id: string;
  parentId?: string;
  checkpoint: Serialized;
  metadata: Serialized;
}

/** What a task has written since a checkpoint. */
export interface PendingWrite extends Serialized {
  taskId: string;
  /** Orders the writes of a superstep, before the task's id. */
  taskPath: string;
  /** The place among the task's writes. A negative one is a special write, which replaces an earlier one; others are kept as they are. */
  index: number;
  channel: string;
}

export interface StoredCheckpoint extends NewCheckpoint {
  /** In any order. */
  writes: readonly PendingWrite[];
}

/** Where writes belong. */
export interface CheckpointPlace {
  namespace: string;
  id: string;
}

/**
 * The checkpoints of turns in flight. They are deleted when the turn ends. The newest one of a namespace is the one that was written last,
 * whatever its id and the clock say. Writes survive a crash of the process when they resolve. With a claim that is void, they resolve to false
 * and write nothing.
 */
export interface CheckpointStore {
  put(claim: Claim, checkpoint: NewCheckpoint): Promise<boolean>;
  /** `asked` are the graph's ids of questions among the writes: earlier answers to these are used up. */
  putWrites(
    claim: Claim,
    place: CheckpointPlace,
    writes: readonly PendingWrite[],
    asked?: readonly string[],
  ): Promise<boolean>;
  /** The newest checkpoint of a namespace, or the one with this id. */
  get(turnId: string, namespace: string, id?: string): Promise<StoredCheckpoint | undefined>;
  /** The newest first; with a namespace, only its own. `before` is an id. */
  list(turnId: string, namespace?: string, before?: string): Promise<StoredCheckpoint[]>;
}

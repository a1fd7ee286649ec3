import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  compareWritesSortKeys,
  copyCheckpoint,
  getCheckpointId,
  INTERRUPT,
  type PendingWrite as LangGraphWrite,
  WRITES_IDX_MAP,
  writesSortKey,
} from "@langchain/langgraph-checkpoint";

import type { CheckpointStore, PendingWrite, Serialized, StoredCheckpoint } from "../store/checkpoints.ts";
import type { Claim } from "../store/turns.ts";

/**
 * LangGraph's checkpoints of one turn, in the store. Without an id, the newest checkpoint is the one that was written last: ids come from the
 * clock, which may be set back. Writes throw if the turn's claim is void, so that its graph ends.
 */
export class TurnSaver extends BaseCheckpointSaver {
  readonly #store: CheckpointStore;
  readonly #claim: Claim;

  constructor(store: CheckpointStore, claim: Claim) {
    super();
    this.#store = store;
    this.#claim = claim;
  }

  get #turnId(): string {
    return this.#claim.turn.id;
  }

  async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const { namespace } = placeOf(config);
    const found = await this.#store.get(this.#turnId, namespace, getCheckpointId(config) || undefined);
    return found && (await this.#tuple(found));
  }

  async *list(
    config: RunnableConfig,
    { limit, before, filter = {} }: CheckpointListOptions = {},
  ): AsyncGenerator<CheckpointTuple> {
    const id = getCheckpointId(config);
    const all = await this.#store.list(
      this.#turnId,
      config.configurable?.checkpoint_ns,
      before && (getCheckpointId(before) || undefined),
    );
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (const stored of all) {
      if (left <= 0) return;
      if (id !== "" && stored.id !== id) continue;
      const tuple = await this.#tuple(stored);
      const facts: Record<string, unknown> = { ...tuple.metadata };
      if (Object.entries(filter).some(([key, value]) => facts[key] !== value)) continue;
      left -= 1;
      yield tuple;
    }
  }

  async put(config: RunnableConfig, checkpoint: Checkpoint, metadata: CheckpointMetadata): Promise<RunnableConfig> {
    const { namespace, id: parentId } = placeOf(config);
    const { id } = checkpoint;
    const [state, facts] = await Promise.all([this.#dump(copyCheckpoint(checkpoint)), this.#dump(metadata)]);
    const isKept = await this.#store.put(this.#claim, { namespace, id, parentId, checkpoint: state, metadata: facts });
    if (!isKept) throw new ClaimLost();
    return { configurable: { thread_id: this.#turnId, checkpoint_ns: namespace, checkpoint_id: id } };
  }

  async putWrites(config: RunnableConfig, writes: LangGraphWrite[], taskId: string, taskPath = ""): Promise<void> {
    const { namespace, id } = placeOf(config);
    if (id === undefined) throw new Error("Writes belong to a checkpoint.");
    const dumped = writes.map(async ([channel, value], position): Promise<PendingWrite> => {
      return { taskId, taskPath, channel, index: WRITES_IDX_MAP[channel] ?? position, ...(await this.#dump(value)) };
    });
    const asked = writes.flatMap(([channel, value]) => (channel === INTERRUPT ? idsOf(value) : []));
    const isKept = await this.#store.putWrites(this.#claim, { namespace, id }, await Promise.all(dumped), asked);
    if (!isKept) throw new ClaimLost();
  }

  /** The store deletes the checkpoints of a turn when it ends. */
  async deleteThread(): Promise<void> {}

  async #tuple(stored: StoredCheckpoint): Promise<CheckpointTuple> {
    const { namespace, id, parentId } = stored;
    const place = { thread_id: this.#turnId, checkpoint_ns: namespace };
    const writes = stored.writes.toSorted((one, other) => compareWritesSortKeys(sortKey(one), sortKey(other)));
    return {
      config: { configurable: { ...place, checkpoint_id: id } },
      checkpoint: await this.#load(stored.checkpoint),
      metadata: await this.#load(stored.metadata),
      pendingWrites: await Promise.all(
        writes.map(async (one) => [one.taskId, one.channel, await this.#load(one)] as [string, string, unknown]),
      ),
      ...(parentId !== undefined && { parentConfig: { configurable: { ...place, checkpoint_id: parentId } } }),
    };
  }

  async #dump(value: unknown): Promise<Serialized> {
    const [type, bytes] = await this.serde.dumpsTyped(value);
    return { type, bytes };
  }

  #load({ type, bytes }: Serialized) {
    return this.serde.loadsTyped(type, bytes);
  }
}

/** The turn belongs to another runner now, or its session has ended. */
class ClaimLost extends Error {
  constructor() {
    super("The claim of the turn is void.");
    this.name = "ClaimLost";
  }
}

function placeOf({ configurable = {} }: RunnableConfig): { namespace: string; id: string | undefined } {
  return { namespace: configurable.checkpoint_ns ?? "", id: configurable.checkpoint_id };
}

function sortKey({ taskPath, taskId, index }: PendingWrite) {
  return writesSortKey(taskPath, taskId, index);
}

/** The ids of the questions in an interrupt. */
function idsOf(value: unknown): string[] {
  return [value].flat().flatMap((one) => {
    const id: unknown = Object(one).id;
    return typeof id === "string" ? [id] : [];
  });
}

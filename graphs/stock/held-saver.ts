import type { RunnableConfig } from "@langchain/core/runnables";
import {
  BaseCheckpointSaver,
  type Checkpoint,
  type CheckpointListOptions,
  type CheckpointMetadata,
  type CheckpointTuple,
  type PendingWrite,
} from "@langchain/langgraph-checkpoint";

/**
 * Holds the checkpoints of a run back until a crash would lose the work of a node: when a node has ended, and another one begins or still runs.
 * Most turns end before that, and write none.
 */
export class HeldSaver extends BaseCheckpointSaver {
  readonly #saver: BaseCheckpointSaver;
  readonly #held: (() => Promise<unknown>)[] = [];
  readonly #newest = new Map<string, Checkpoint>();
  /** Of the writes so far. */
  #written = Promise.resolve();
  readonly #failed = Promise.withResolvers<never>();
  /** Of the nodes. */
  #running = 0;
  #isDue = false;
  #isScheduled = false;

  constructor(saver: BaseCheckpointSaver) {
    super(saver.serde);
    this.#saver = saver;
    this.#failed.promise.catch(() => {}); // its caller may be gone
  }

  /** Rejects if something cannot be written. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Call this before a node begins, and let it wait for the result: for ever, if something cannot be written. */
  nodeBegins(): Promise<unknown> | undefined {
    this.#running += 1;
    return this.#isDue ? this.safe() : undefined;
  }

  nodeEnded(): void {
    this.#running -= 1;
    this.#isDue = true;
  }

  /** Resolves once all is written. Never, if that cannot be done. */
  async safe(): Promise<void> {
    await this.flush().catch(() => new Promise<never>(() => {}));
  }

  /** Writes what is held. */
  flush(): Promise<void> {
    const held = this.#held.splice(0);
    if (held.length > 0) this.#written = this.#written.then(() => inOrder(held));
    this.#written.catch(this.#failed.reject);
    return this.#written;
  }

  /** The newest values of the channels in a namespace. */
  async values(threadId: string, namespace: string): Promise<Record<string, unknown>> {
    const known = this.#newest.get(namespace);
    if (known) return known.channel_values;
    const tuple = await this.getTuple({ configurable: { thread_id: threadId, checkpoint_ns: namespace } });
    return tuple?.checkpoint.channel_values ?? {};
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
    versions: Record<string, number | string>,
  ): Promise<RunnableConfig> {
    const { thread_id, checkpoint_ns = "" } = config.configurable ?? {};
    this.#newest.set(checkpoint_ns, checkpoint);
    this.#hold(() => this.#saver.put(config, checkpoint, metadata, versions));
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id: checkpoint.id } };
  }

  override async putWrites(
    config: RunnableConfig,
    writes: PendingWrite[],
    taskId: string,
    taskPath?: string,
  ): Promise<void> {
    this.#hold(() => this.#saver.putWrites(config, writes, taskId, taskPath));
  }

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    await this.flush();
    return await this.#saver.getTuple(config);
  }

  override async *list(config: RunnableConfig, options?: CheckpointListOptions): AsyncGenerator<CheckpointTuple> {
    await this.flush();
    yield* this.#saver.list(config, options);
  }

  override deleteThread(threadId: string): Promise<void> {
    return this.#saver.deleteThread(threadId);
  }

  override getNextVersion(current: number | undefined): number {
    return this.#saver.getNextVersion(current);
  }

  #hold(write: () => Promise<unknown>): void {
    this.#held.push(write);
    if (!this.#isDue || this.#running === 0 || this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      void this.safe();
    });
  }
}

async function inOrder(writes: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const write of writes) await write();
}

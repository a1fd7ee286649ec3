import { BaseMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import type { Checkpoint, CheckpointMetadata, CheckpointTuple } from "@langchain/langgraph-checkpoint";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";

/** So many threads' newest checkpoints are remembered, */
const mostThreads = 500;

/** each only while its texts have no more UTF-16 units than this: reading a huge one again is not what a turn waits for. */
const longestTexts = 65_536;

/**
 * LangGraph's saver, with the newest checkpoint of the threads in use kept in memory: a turn begins by reading it, and parsing a
 * conversation's messages takes longer than everything else before the first word. One process owns the file, so nobody else writes.
 */
export class RememberingSaver extends SqliteSaver {
  readonly #newest = new Map<string, CheckpointTuple>();

  override async getTuple(config: RunnableConfig): Promise<CheckpointTuple | undefined> {
    const thread = rootThread(config);
    if (thread === undefined || config.configurable?.checkpoint_id) return await super.getTuple(config);
    const known = this.#newest.get(thread);
    if (known) return known;
    const tuple = await super.getTuple(config);
    if (tuple && (tuple.pendingWrites ?? []).length === 0) this.#remember(thread, tuple);
    return tuple;
  }

  override async put(
    config: RunnableConfig,
    checkpoint: Checkpoint,
    metadata: CheckpointMetadata,
  ): Promise<RunnableConfig> {
    const thread = rootThread(config);
    if (thread !== undefined) this.#newest.delete(thread);
    const saved = await super.put(config, checkpoint, metadata);
    const parentConfig = config.configurable?.checkpoint_id ? { configurable: config.configurable } : undefined;
    if (thread !== undefined)
      this.#remember(thread, { config: saved, checkpoint, metadata, parentConfig, pendingWrites: [] });
    return saved;
  }

  override async putWrites(...[config, writes, taskId]: Parameters<SqliteSaver["putWrites"]>): Promise<void> {
    const thread = rootThread(config);
    if (thread !== undefined) this.#newest.delete(thread);
    await super.putWrites(config, writes, taskId);
  }

  override async deleteThread(threadId: string): Promise<void> {
    this.#newest.delete(threadId);
    await super.deleteThread(threadId);
  }

  /** A map keeps the order of insertion: the first is the one that was not used for longest. */
  #remember(thread: string, tuple: CheckpointTuple): void {
    this.#newest.delete(thread);
    if (textsOf(tuple.checkpoint) > longestTexts) return;
    this.#newest.set(thread, tuple);
    const [oldest] = this.#newest.keys();
    if (oldest !== undefined && this.#newest.size > mostThreads) this.#newest.delete(oldest);
  }
}

/** The thread that is read or written, unless it is a subgraph's part of it. */
function rootThread({ configurable }: RunnableConfig): string | undefined {
  return configurable?.checkpoint_ns ? undefined : configurable?.thread_id;
}

/** How much text a checkpoint of a conversation holds: nearly all that it weighs. */
function textsOf({ channel_values: values }: Checkpoint): number {
  const texts = [...Object.values(values), ...messagesIn(values).map(({ text }) => text)];
  return texts.reduce<number>((sum, text) => sum + (typeof text === "string" ? text.length : 0), 0);
}

function messagesIn({ messages }: Checkpoint["channel_values"]): BaseMessage[] {
  return Array.isArray(messages) ? messages.filter((message) => BaseMessage.isInstance(message)) : [];
}

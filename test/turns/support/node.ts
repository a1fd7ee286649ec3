import { config } from "../../../src/config.ts";
import { modelInUse, withModels } from "../../../src/models/model-in-use.ts";
import { fixedGraphs } from "../../../src/reload/graphs.ts";
import { promptFolder } from "../../../src/reload/prompt-folder.ts";
import type { Store } from "../../../src/store/store.ts";
import { logger } from "../../../src/telemetry/log.ts";
import { metrics } from "../../../src/telemetry/metrics.ts";
import { type Bus, type LiveEvent, memoryBus } from "../../../src/turns/bus.ts";
import { failureLog } from "../../../src/turns/failure-log.ts";
import { live as liveTurns } from "../../../src/turns/live.ts";
import { runner as turnRunner } from "../../../src/turns/runner.ts";
import { sessionMemory } from "../../../src/turns/session-memory.ts";
import { sweeper } from "../../../src/turns/sweeper.ts";
import { turns as allTurns } from "../../../src/turns/turns.ts";
import { fragileStore } from "./fragile-store.ts";

const log = logger(process.env.TEST_LOG_LEVEL ?? "silent");

/** The bus of one node, or of several. */
export const newBus = () => memoryBus(log);

export type TurnNode = ReturnType<typeof turnNode>;

/** The turns of one node: everything but its sockets. Other nodes may share its store, and its bus. */
export function turnNode(shared: Store, modelUrl: string, bus: Bus = newBus()) {
  const settings = config({ OPENAI_API_KEY: "test", OPENAI_BASE_URL: modelUrl, MODEL: "m", PORT: "0" });
  const { store, cut, mend } = fragileStore(shared);
  const graphs = fixedGraphs(settings.ENGINES);
  const prompts = promptFolder(settings.PROMPTS_DIR, log);
  const live = liveTurns(bus);
  const measured = metrics();
  const noFile = () => Promise.reject(new Error("There are no files."));
  const services = withModels(
    modelInUse(settings, () => {}),
    {
      ...{ prompts: prompts.current, store, bus, live, metrics: measured, log, failures: failureLog(log) },
      files: { bytes: noFile, pages: noFile },
    },
  );
  const running = turnRunner(
    {
      ...{ brain: graphs.current, services, memory: sessionMemory(store.history) },
      turnTimeoutMs: 60_000,
      keepPrompts() {},
      trace: () => ({}),
      observe: () => () => {},
    },
    { all: 0, perUser: 0 },
  );
  const turns = allTurns({ store, bus, live, runner: running, metrics: measured, sees: async () => false });
  const sweep = sweeper({ turns: store.turns, runner: running, bus, log });

  return {
    turns,
    bus,
    live,
    runner: running,
    /** Its way to the store. */
    cut,
    mend,
    /** What members of a conversation on this node are told, from now on. */
    watch(conversationId: string): LiveEvent[] {
      const events: LiveEvent[] = [];
      live.watch(conversationId, { see: (event) => void events.push(event) });
      return events;
    },
    /** Accepts a message for the engine `simple` and returns the id of its turn. */
    async ask(
      conversationId: string,
      query: string,
      whenBusy: "queue" | "replace" = "queue",
      clientId?: string,
    ): Promise<string> {
      const conversation = await store.conversations.open(conversationId, "user-a");
      if (!conversation) throw new Error("It is somebody else's.");
      const nothing = { context: {}, options: {}, preferences: {}, sampling: [], engine: "simple" };
      const accepted = await turns.accept(conversation, { ...nothing, query, whenBusy, clientId });
      accepted.proceed();
      return accepted.turnId;
    },
    /** It does nothing any more, as if its process had been killed. */
    async vanish(): Promise<void> {
      cut();
      sweep.close();
      await running.drain(0);
    },
    async close(): Promise<void> {
      sweep.close();
      await running.drain(0);
      prompts.close();
    },
  };
}

import { randomUUID } from "node:crypto";

import type { JsonObject } from "../graphs/host.ts";
import type { PromptSet } from "../graphs/prompt.ts";
import packageJson from "../package.json" with { type: "json" };
import type { Config } from "./config.ts";
import type { Cluster } from "./open-cluster.ts";
import type { Rating } from "./store/history.ts";
import type { Store } from "./store/store.ts";
import type { Turn } from "./store/turns.ts";
import type { Wait } from "./store/waits.ts";
import type { Log } from "./telemetry/log.ts";
import { type Metrics, metrics } from "./telemetry/metrics.ts";
import { openSpans } from "./telemetry/open-spans.ts";
import type { Ended, TurnSpan } from "./telemetry/spans.ts";
import { type Trace, tracing } from "./telemetry/tracing.ts";
import type { Runner } from "./turns/runner.ts";

/** What operators see of the server: metrics, the log, and traces of turns in LangSmith and OpenTelemetry. */
export interface Telemetry {
  measured: Metrics;
  /** A line about a turn has the ids of the turn's span, if there are spans. */
  log: Log;
  /** An attempt of a turn begins; `wait` is what it was waiting for before. Call the result when it has ended. */
  observe(turn: Turn, wait: Pick<Wait, "attempt"> | undefined): (end: Ended) => void;
  /** `facts` returns the route and the response's metadata so far. */
  trace(turn: Turn, facts: () => JsonObject): Trace;
  rated(turn: Turn, rating: Rating): void;
  /** Registers what `/metrics` reads of the server's parts. */
  watch(parts: Watched): void;
  /** Sends the last traces, for a limited time. */
  close(): Promise<void>;
}

interface Watched {
  store: Pick<Store, "waits" | "connections">;
  cluster: Pick<Cluster, "redis" | "nodes" | "counters">;
  runner: Pick<Runner, "counts">;
  sockets: { stats: Parameters<Metrics["watchSockets"]>[0] };
  prompts: () => PromptSet;
}

interface Observed {
  span: TurnSpan;
  facts?: () => JsonObject;
}

/** `node` is this process's name in a cluster. */
export async function openTelemetry(config: Config, log: Log, node: string = randomUUID()): Promise<Telemetry> {
  const { version } = packageJson;
  const measured = metrics();
  measured.identify(node, version);
  const langSmith = tracing(config.LANGSMITH_TRACING, log);
  const spans = await openSpans(config, node, version, log);
  if (spans) measured.watchSpans(spans.stats);
  /** The attempts that run, by turn. */
  const observed = new Map<string, Observed>();

  function queuedMs({ acceptedAt, attempt }: Turn): number | undefined {
    return attempt === 1 ? Date.now() - Date.parse(acceptedAt) : undefined;
  }

  return {
    measured,
    log: spans ? withSpanIds(log, (turnId) => observed.get(turnId)?.span.ids) : log,
    observe(turn, wait) {
      const queued = queuedMs(turn);
      if (queued !== undefined) measured.queued(queued);
      if (!spans) return () => {};
      const hasWaited = wait?.attempt === turn.attempt - 1;
      const span = spans.begin(turn, turn.attempt === 1 ? undefined : hasWaited ? "wait" : "takeover");
      if (queued !== undefined) span.queued(queued);
      const entry: Observed = { span };
      observed.set(turn.id, entry);
      return ({ outcome, wait: asked, isInterrupted }) => {
        span.ended({ outcome, wait: asked, isInterrupted, facts: entry.facts?.() });
        if (observed.get(turn.id) === entry) observed.delete(turn.id);
      };
    },
    trace(turn, facts) {
      const entry = observed.get(turn.id);
      if (!entry) return langSmith.turn(turn, facts);
      entry.facts = facts;
      const { ids, callbacks } = entry.span;
      const trace = langSmith.turn(turn, facts, { otel_trace_id: ids.trace_id, otel_span_id: ids.span_id });
      return { ...trace, callbacks: [...(trace.callbacks ?? []), ...callbacks] };
    },
    rated: langSmith.rated,
    watch({ store, runner, sockets, prompts, cluster }) {
      measured.watchWaits(store.waits.count);
      measured.watchRunner(runner.counts);
      measured.watchSockets(sockets.stats);
      measured.watchPrompts(() => prompts().values());
      if (store.connections) measured.watchConnections(store.connections);
      const { redis, nodes, counters } = cluster;
      if (!redis || !nodes || !counters) return;
      measured.watchCluster(() => ({
        ...counters,
        isUp: redis.isUp,
        reconnects: redis.reconnects,
        nodes: nodes.others().length + 1,
      }));
    },
    async close() {
      await Promise.all([langSmith.flush(), spans?.close()]);
    },
  };
}

function withSpanIds(log: Log, idsOf: (turnId: string) => TurnSpan["ids"] | undefined): Log {
  const withIds = (fields: { turn_id?: unknown }) =>
    typeof fields.turn_id === "string" ? { ...fields, ...idsOf(fields.turn_id) } : fields;
  return log.child({}, { formatters: { log: withIds } });
}

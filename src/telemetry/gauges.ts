import { Counter, Gauge, type Registry } from "prom-client";

/** What the connection to other nodes has done so far. */
export interface ClusterStats {
  isUp: boolean;
  /** Other nodes that are heard of, and this one. */
  nodes: number;
  reconnects: number;
  /** Messages to other nodes, and those that could not be sent. */
  published: number;
  lost: number;
  received: number;
  /** Pieces of text that shared a message with another one. */
  mergedDeltas: number;
  /** How often the store was asked for what was missed. */
  healed: number;
}

/** What is read on each scrape. A part that a server does not have has no series. */
export interface Gauges {
  /** Which node this is. Prometheus' own label `instance` tells its series apart; join this one to see the node's name in the log. */
  identify(node: string, version: string): void;
  watchWaits(count: () => Promise<number>): void;
  /** The turns of this process. */
  watchRunner(stats: () => { running: number; queued: number }): void;
  watchSockets(stats: () => SocketStats): void;
  /** One series per prompt, with the hash of its text of now: as many as there are prompt files, however often they change. */
  watchPrompts(current: () => Iterable<{ name: string; hash: string }>): void;
  watchCluster(stats: () => ClusterStats): void;
  watchSpans(stats: () => { sent: number; lost: number }): void;
  /** Connections to Postgres, and requests that wait for one. */
  watchConnections(stats: () => { total: number; idle: number; waiting: number }): void;
}

interface SocketStats {
  sockets: number;
  channels: number;
  longestBacklog: number;
  waitingBytes: number;
}

export function gauges(registry: Registry): Gauges {
  const registers = [registry];

  function gauge(name: string, help: string, read: () => number | Promise<number>): void {
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        this.set(await read());
      },
    });
  }

  /** A number that is counted elsewhere. */
  function counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  return {
    identify(node, version) {
      const help = "Always 1; its labels are the node's name and the server's version.";
      new Gauge({ name: "server_info", help, labelNames: ["node", "version"], registers }).set({ node, version }, 1);
    },
    watchWaits(count) {
      gauge("turns_waiting", "Turns that wait for a person, of all nodes.", count);
    },
    watchRunner(stats) {
      gauge("turns_running", "Turns that run in this process.", () => stats().running);
      const help = "Conversations whose next turn waits for a free slot in this process.";
      gauge("turns_queued", help, () => stats().queued);
    },
    watchSockets(stats) {
      gauge("sockets", "Connected sockets.", () => stats().sockets);
      gauge("channels", "Joined channels.", () => stats().channels);
      const help = "Bytes waiting to be sent to the slowest client.";
      gauge("socket_backlog_bytes", help, () => stats().longestBacklog);
      gauge("socket_waiting_bytes", "Bytes waiting to be sent to all clients.", () => stats().waitingBytes);
    },
    watchPrompts(current) {
      new Gauge({
        name: "prompt_info",
        help: "Always 1; its labels are a prompt and the hash of its text of now, as in a response's metadata.",
        labelNames: ["prompt", "hash"],
        registers,
        collect() {
          this.reset();
          for (const { name, hash } of current()) this.set({ prompt: name, hash }, 1);
        },
      });
    },
    watchCluster(stats) {
      gauge("redis_up", "1 if Redis is connected.", () => (stats().isUp ? 1 : 0));
      gauge("cluster_nodes", "Nodes that this one knows of, itself included.", () => stats().nodes);
      counter("redis_reconnects_total", "How often the connection to Redis came back.", () => stats().reconnects);
      counter("bus_messages_sent_total", "Messages published to other nodes.", () => stats().published);
      counter("bus_messages_lost_total", "Messages to other nodes that could not be published.", () => stats().lost);
      counter("bus_messages_received_total", "Messages of other nodes.", () => stats().received);
      const merged = "Pieces of answers that shared a message to other nodes with another piece.";
      counter("bus_deltas_merged_total", merged, () => stats().mergedDeltas);
      const healed = "How often the store was asked for what the bus had missed.";
      counter("bus_healed_total", healed, () => stats().healed);
    },
    watchSpans(stats) {
      counter("trace_spans_sent_total", "Spans that the OpenTelemetry collector took.", () => stats().sent);
      counter("trace_spans_lost_total", "Spans that the OpenTelemetry collector did not take.", () => stats().lost);
    },
    watchConnections(stats) {
      new Gauge({
        name: "postgres_connections",
        help: "Connections to Postgres by state, and requests that wait for one.",
        labelNames: ["state"],
        registers,
        collect() {
          const { total, idle, waiting } = stats();
          this.set({ state: "used" }, total - idle);
          this.set({ state: "idle" }, idle);
          this.set({ state: "waiting" }, waiting);
        },
      });
    },
  };
}

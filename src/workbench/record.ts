import type { Brain } from "../../graphs/brain.ts";
import type { Memory, Sampling } from "../../graphs/host.ts";
import { assistantMessage, type Exchange, exchange, userMessage } from "../../graphs/memory.ts";
import type { Rating } from "../store/history.ts";
import type { Before, RecordedMessage, Recording, Records } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";

/** A past turn with all its inputs. */
export interface Recorded {
  turn: Turn;
  /** Undefined if the graph was never started, for example because the turn was stopped while queued. */
  memory: Memory | undefined;
  /** Finished steps, tool calls and waits. */
  recording: Recording;
  /** What the turn found in its history. */
  before: Before;
  /** The model's reasoning. */
  reasoning: string | undefined;
  /** The prompt texts that the turn used, as far as they are stored. */
  prompts: { name: string; hash: string; source: string }[];
  /** The user's feedback. */
  rating: Rating | undefined;
}

export async function recordOf(records: Records, turn: Turn): Promise<Recorded> {
  const used = Object.entries((turn.outcome?.metadata.prompts ?? {}) as Record<string, string>); // written by the ledger
  const texts = await records.texts(used.map(([, hash]) => hash));
  const memory = await records.memory(turn.id);
  return {
    turn,
    memory: memory && { ...remembered(memory.messages), summary: memory.summary },
    recording: await records.recording(turn.id),
    before: records.before(turn),
    reasoning: await records.reasoning(turn.id),
    prompts: used.flatMap(([name, hash]) => {
      const source = texts.get(hash);
      return source === undefined ? [] : [{ name, hash, source }];
    }),
    rating: await records.rating(turn.id),
  };
}

/** The messages as the model got them. Older databases may have some that belong to no turn. */
function remembered(messages: readonly RecordedMessage[]): Pick<Memory, "messages" | "exchanges"> {
  const parts = messages.map((message) => {
    if ("role" in message)
      return { messages: [message.role === "user" ? userMessage(message.content) : assistantMessage(message.content)] };
    const found = message.part === "answer" ? exchangeOf(message) : undefined;
    return { messages: found ? [...found.messages] : [], exchange: found };
  });
  const exchanges = parts.flatMap(({ exchange }) => exchange ?? []);
  const isWhole = messages.every((message) => !("role" in message));
  return { messages: parts.flatMap(({ messages }) => messages), ...(isWhole && { exchanges }) };
}

function exchangeOf({ turn, produced }: Extract<RecordedMessage, { turn: Turn }>): Exchange | undefined {
  const { id, seq, request, outcome, attachments } = turn;
  const ended = { query: request.query, attachments, response: outcome?.response ?? "" };
  return exchange({ id, seq, ...ended, ...(produced !== undefined && { produced: JSON.parse(produced) }) });
}

/** The nodes that a turn runs through, in order. */
export function nodesOf({ engines }: Pick<Brain, "engines">, { outcome }: Turn): string[] {
  const type = outcome?.conversationType;
  const [, engine] = Object.entries(engines).find(([name]) => name === type) ?? [];
  if (!type || !engine) return ["router"];
  const nodes = Object.keys(engine.graph.builder.nodes);
  return ["router", ...(nodes.length > 1 ? nodes : [type])];
}

/** The client's model settings that applied: for each key the first one given. */
export function samplingOf({ request }: Turn): Sampling {
  return Object.assign({}, ...request.sampling.toReversed());
}

export function costOf(metadata: Turn["request"]["context"]): number | null {
  const { usage } = metadata;
  const cost = typeof usage === "object" && usage !== null && "cost_usd" in usage ? usage.cost_usd : null;
  return typeof cost === "number" ? cost : null;
}

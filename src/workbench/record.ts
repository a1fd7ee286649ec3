import type { BaseMessage } from "@langchain/core/messages";
import type { Brain } from "../../graphs/brain.ts";
import type { Sampling } from "../../graphs/host.ts";
import { assistantMessage, userMessage } from "../../graphs/memory.ts";
import type { Rating } from "../store/history.ts";
import type { RecordedMessage, Records } from "../store/records.ts";
import type { Turn } from "../store/turns.ts";
import type { Step } from "./detached.ts";

/** A past turn with all its inputs. */
export interface Recorded {
  turn: Turn;
  /** Undefined if the graph was never started, for example because the turn was stopped while queued. */
  memory: { messages: BaseMessage[]; summary: string } | undefined;
  steps: Step[];
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
    memory: memory && { messages: memory.messages.map(messageOf), summary: memory.summary },
    steps: await records.steps(turn.id),
    reasoning: await records.reasoning(turn.id),
    prompts: used.flatMap(([name, hash]) => {
      const source = texts.get(hash);
      return source === undefined ? [] : [{ name, hash, source }];
    }),
    rating: await records.rating(turn.id),
  };
}

/** The message as the model got it. */
function messageOf(message: RecordedMessage): BaseMessage {
  if ("role" in message)
    return message.role === "user" ? userMessage(message.content) : assistantMessage(message.content);
  const { request, outcome } = message.turn;
  return message.part === "question" ? userMessage(request.query) : assistantMessage(outcome?.response ?? "");
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

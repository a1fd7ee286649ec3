import type { Brain } from "../../graphs/brain.ts";
import type { RoutingPolicy } from "../../graphs/host.ts";
import { cut } from "../../graphs/text.ts";
import type { Recorded } from "./record.ts";
import type { RouterView, Routing } from "./wire/turns.ts";

/** In UTF-16 units. */
const maxMessageUnits = 1_500;

/**
 * What the router saw of a turn, and its decision. `local` is the classifier's current judgement of these inputs; `asked` is the model's
 * reply, if it was asked. Null if the inputs were not stored.
 */
export function routerView(
  { router }: Brain,
  { mode, threshold }: RoutingPolicy,
  { turn, memory, recording }: Recorded,
): RouterView | null {
  if (!memory) return null;
  const { query, context, engine = null } = turn.request;
  const { type, confidence, sure, probabilities, reasons } = router.guessLocally(
    query,
    memory.messages,
    context,
    threshold,
  );
  const seen = router.seenByModel(memory.messages);
  return {
    message: query,
    history: seen.map((message) => ({
      role: message.type === "human" ? "user" : "assistant",
      content: cut(message.text, maxMessageUnits),
    })),
    earlier_messages: memory.messages.length - seen.length,
    context,
    chosen_engine: engine,
    mode,
    decision: {
      conversation_type: turn.outcome?.conversationType ?? null,
      routing: (turn.outcome?.metadata.routing as Routing | undefined) ?? null,
    },
    local: { type, confidence, sure, threshold: threshold ?? router.threshold, probabilities, reasons },
    asked: recording.steps.find(({ name }) => name === "router")?.result.finding ?? null,
  };
}

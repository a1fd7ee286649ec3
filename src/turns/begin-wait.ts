import type { TurnContext } from "../../graphs/host.ts";
import type { Turn } from "../store/turns.ts";
import type { Wait } from "../store/waits.ts";
import type { Route } from "./ledger.ts";
import type { LiveTurn } from "./live-turn.ts";
import { memoryRefsOf, type Remembered } from "./session-memory.ts";
import type { TurnHost } from "./turn-host.ts";
import { promptHashes, questionsOf } from "./waiting.ts";

/** The route of a turn that has waited, for its graph. */
export function routedBefore(route: Route | undefined): TurnContext["routed"] {
  if (!route) return null;
  return { route: route.conversation_type, routing: route.routing as TurnRouting }; // written by the router of an earlier attempt
}

type TurnRouting = NonNullable<TurnContext["routed"]>["routing"];

/** What a turn needs in order to go on. Throws if it asks for too much. */
export function waitOf(
  turn: Turn,
  before: Wait | undefined,
  { asked = [], account, prompts, leaves }: TurnHost,
  said: LiveTurn | undefined,
  remembered: Remembered | undefined,
): Wait {
  const count = (before?.count ?? 0) + 1;
  const thoughts = said?.reasoning;
  return {
    questions: questionsOf(asked, count),
    count,
    answer: { text: said?.answer.text() ?? "", restarts: said?.answer.restarts ?? 0 },
    ...(thoughts && { reasoning: { text: thoughts.text(), restarts: thoughts.restarts } }),
    attempt: turn.attempt,
    stage: said?.stage ?? {},
    account: { ...account.state() },
    prompts: promptHashes(prompts),
    ...(leaves && { produced: leaves }),
    ...(remembered && { memory: memoryRefsOf(remembered) }),
  };
}

import type { Turn } from "../store/store.ts";
import type { Replies } from "./outbound.ts";

/** A turn as `get_history` shows it. */
export function historyEntry({
  id,
  request,
  status,
  acceptedAt,
  outcome,
}: Turn): Replies["get_history"]["turns"][number] {
  return {
    turn_id: id,
    query: request.query,
    response: outcome?.response ?? "",
    conversation_type: outcome?.conversationType ?? null,
    routed_to: outcome?.routedTo ?? null,
    timestamp: outcome?.timestamp ?? acceptedAt,
    status,
    metadata: outcome?.metadata ?? {},
  } as Replies["get_history"]["turns"][number]; // the store keeps what the registry named when the turn ran
}

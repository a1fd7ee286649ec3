import { ConversationError } from "../error.ts";
import type { Conversation } from "../handle.ts";
import type { RequestPart, TurnState } from "../store/state.ts";
import { actionsOf, approvalId } from "./approvals.ts";
import type { ConversationUIMessage } from "./message.ts";
import { until } from "./until.ts";

type Decision = { type: "approve" } | { type: "reject"; message?: string };

/** Sends what `addToolApprovalResponse` has put into the answer of a waiting turn. Resolves to the turn when it has gone on. */
export async function respond(conversation: Conversation, message: ConversationUIMessage): Promise<{ key: string }> {
  const turns = conversation.store.getSnapshot().turns;
  const { key = "", turn_id = "", parts = [] } = turns.find((turn) => turn.turn_id === message.id) ?? {};
  const decisions = decisionsOf(message);
  const open = parts.filter((part) => part.type === "request" && part.status === "open") as RequestPart[];
  const responses = open.flatMap((request) => {
    const made = actionsOf(request).map((_, at) => decisions.get(approvalId(request, at)));
    const given = made.filter((decision) => decision !== undefined);
    if (given.length === 0) return [];
    if (given.length === made.length) return [{ interrupt_id: request.interrupt_id, value: { decisions: given } }];
    throw new ConversationError("invalid_payload", "Each tool call of a request needs a decision.");
  });
  if (responses.length === 0) throw new ConversationError("not_found", "This was answered on another device.");
  await conversation.respond(turn_id, responses);
  const ids = new Set(responses.map(({ interrupt_id }) => interrupt_id));
  const isAsked = (turn: TurnState | undefined) =>
    turn?.parts.some((part) => part.type === "request" && part.status === "open" && ids.has(part.interrupt_id));
  await until(conversation.store.turn(key), (turn) => !isAsked(turn));
  return { key };
}

function decisionsOf({ parts }: ConversationUIMessage): ReadonlyMap<string, Decision> {
  const decided = parts.flatMap((part): [string, Decision][] => {
    if (part.type !== "dynamic-tool" || part.state !== "approval-responded") return [];
    const { id, approved, reason } = part.approval;
    return [
      [id, approved ? { type: "approve" } : { type: "reject", ...(reason !== undefined && { message: reason }) }],
    ];
  });
  return new Map(decided);
}

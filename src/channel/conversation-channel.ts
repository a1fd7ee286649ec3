import type { Principal } from "../auth/principal.ts";
import { type Channel, type Joined, JoinRefused, type Member } from "../phoenix/channel.ts";
import { StoreBusy } from "../store/store.ts";
import type { LiveTurn } from "../turns/live-turn.ts";
import { ConversationMember } from "./conversation-member.ts";
import { conversationOf, parseJoin } from "./join.ts";
import type { Replies } from "./outbound.ts";
import { clientError } from "./refusal.ts";
import { missedTurns } from "./resume.ts";
import type { Services } from "./services.ts";

/** The channel `conversation:<conversation_id>`. */
export function conversationChannel(services: Services): Channel<Principal> {
  const { store, bus, live, limits } = services;

  async function join(payload: unknown, member: Member<Principal>): Promise<Joined> {
    const conversationId = conversationOf(member.topic);
    const joined = parseJoin(payload, member.assigns, services.allowedModels);
    const waitMs = await limits.joins(joined.userId);
    if (waitMs > 0) throw new JoinRefused({ reason: "rate_limited", retry_after_ms: waitMs });
    const conversation = await store.conversations.open(conversationId, joined.userId).catch(refuseBusy);
    if (!conversation) throw new JoinRefused({ reason: "not_found" });

    const device = new ConversationMember(services, member, conversationId, joined);
    try {
      const ended = await bus.joined(conversationId); // before the missed turns are read: what ends later is heard
      await services.turns.recall(conversationId);
      const missed = await missedTurns(services.deliveries, conversation, joined);
      const lastTurn = await store.history.last(conversationId);
      const shown = live.running(conversationId);
      const running = shown && !ended.includes(shown.id) ? shown : undefined;
      if (store.isShared) device.viewer.isAhead(ended, running ? undefined : await runningElsewhere(conversationId));
      const response: Replies["phx_join"] = {
        conversation_id: conversationId,
        session_id: conversation.sessionId,
        user_id: joined.userId,
        last_turn_id: lastTurn?.id ?? null,
        running_turn: runningTurn(running),
        context: conversation.context,
        warnings: [...joined.warnings],
      };
      device.welcome(response, missed);
      return device;
    } catch (error) {
      device.left();
      throw error;
    }
  }

  async function runningElsewhere(conversationId: string): Promise<string | undefined> {
    const open = await store.turns.open(conversationId);
    return open.find(({ status }) => status === "running")?.id;
  }

  return { join };
}

/** While the database is locked, a new conversation cannot be created. phoenix.js rejoins by itself. */
function refuseBusy(cause: unknown): never {
  if (!(cause instanceof StoreBusy)) throw cause;
  const { code, message, details } = clientError(cause);
  throw new JoinRefused({ reason: code, message, ...details });
}

function runningTurn(turn: LiveTurn | undefined): Replies["phx_join"]["running_turn"] {
  if (!turn) return null;
  const { id, query, attachments, answer } = turn;
  return { turn_id: id, query, ...(attachments && { attachments: [...attachments] }), offset: answer.length };
}

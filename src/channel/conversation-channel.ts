import type { Principal } from "../auth/principal.ts";
import { ChannelError } from "../errors.ts";
import { type Channel, type Joined, JoinRefused, type Member, type Message } from "../socket/channel.ts";
import { dispatch, type Handlers } from "./dispatch.ts";
import { handlers } from "./handlers.ts";
import { conversationOf, joining } from "./join.ts";
import type { Device } from "./members.ts";
import type { Replies } from "./outbound.ts";
import { rateLimited, refusalEvent, refusalReply } from "./refusal.ts";
import { missedTurns, showMissed } from "./resume.ts";
import type { Services } from "./services.ts";
import { Viewer } from "./viewer.ts";

/** `conversation:<conversation_id>`: the owner's devices, and the turns they start. */
export function conversationChannel(services: Services): Channel<Principal> {
  const { store, live, members, limits, log } = services;

  async function join(payload: unknown, member: Member<Principal>): Promise<Joined> {
    const id = conversationOf(member.topic);
    const joined = joining(payload, member.assigns, services.allowedModels);
    const waitMs = await limits.joins(joined.userId);
    if (waitMs > 0) throw new JoinRefused({ reason: "rate_limited", retry_after_ms: waitMs });
    const conversation = await store.open(id, joined.userId);
    if (!conversation) throw new JoinRefused({ reason: "not_found" });

    const viewer = new Viewer(member, (turnId, delivery) => {
      store
        .delivered(turnId, delivery)
        .catch((error: unknown) => log.error({ turn_id: turnId, err: error }, "delivery not kept"));
    });
    const device = { member, viewer, userId: joined.userId };
    const unwatch = live.watch(id, (event) => viewer.see(event));
    try {
      const missed = await missedTurns(store, conversation, joined);
      const lastTurn = await store.lastTurn(id);
      let handle: Handlers | undefined; // made when it is needed: most connections idle
      const running = live.running(id);
      const response: Replies["phx_join"] = {
        conversation_id: id,
        session_id: conversation.sessionId,
        user_id: joined.userId,
        last_turn_id: lastTurn?.id ?? null,
        running_turn: running ? { turn_id: running.id, query: running.query, offset: running.length } : null,
        warnings: joined.warnings,
      };
      return {
        response,
        afterJoin() {
          viewer.open(missed, () => {
            showMissed(viewer, missed, live.running(id), joined);
            members.enter(device);
          });
        },
        handle(message) {
          handle ??= handlers({ services, conversationId: id, device, joined });
          return answer(message, device, handle);
        },
        refused: ({ reason, message }) => viewer.push("error", refusalEvent(new ChannelError(reason, message))),
        left() {
          unwatch();
          members.leave(device);
        },
        busy: () => live.running(id) !== undefined,
      };
    } catch (error) {
      unwatch();
      throw error;
    }
  }

  /** Answers one push; a refusal also goes out as an event, since clients of the original never look at replies. */
  async function answer(message: Message, { viewer, userId }: Device, handle: Handlers) {
    try {
      const waitMs = await limits.pushes(userId);
      if (waitMs > 0) throw rateLimited(waitMs);
      const { response, after } = await dispatch(handle, message.event, message.payload);
      message.reply({ status: "ok", response });
      after?.();
    } catch (cause) {
      const error = ChannelError.from(cause);
      if (error.code === "internal") log.error({ event: message.event, err: cause }, "a push failed");
      message.reply(refusalReply(error));
      viewer.push("error", refusalEvent(error));
    }
    return undefined;
  }

  return { join };
}

import type { Principal } from "../auth/principal.ts";
import { ChannelError } from "../errors.ts";
import type { Joined, Member, Message, Refusal } from "../phoenix/channel.ts";
import { dispatch, type Handlers } from "./dispatch.ts";
import { handlers } from "./handlers.ts";
import type { JoinParams } from "./join.ts";
import { clientError, rateLimited, refusalEvent, refusalReply } from "./refusal.ts";
import { showMissed } from "./resume.ts";
import type { Services } from "./services.ts";
import { Viewer } from "./viewer.ts";

/** One device in a conversation. Kept small, because most connections are idle and there can be many. */
export class ConversationMember implements Joined {
  readonly member: Member<Principal>;
  readonly viewer: Viewer;
  readonly userId: string;
  readonly #services: Services;
  readonly #conversationId: string;
  #joining: JoinParams;
  /** Both are dropped after the join. */
  #response: object | undefined;
  #missed: string[] | undefined;
  /** Created on the first push. */
  #handlers: Handlers | undefined;

  constructor(services: Services, member: Member<Principal>, conversationId: string, joining: JoinParams) {
    this.member = member;
    this.userId = joining.userId;
    this.#services = services;
    this.#conversationId = conversationId;
    this.#joining = joining;
    const seen = member.assigns.isOperator ? services.forOperator : services;
    this.viewer = new Viewer(seen, member, conversationId, joining.showsReasoning);
    services.live.watch(conversationId, this.viewer);
  }

  get response(): object | undefined {
    return this.#response;
  }

  /** Sets the join reply and the missed turns, which are sent after it. */
  welcome(response: object, missed: string[]): void {
    this.#response = response;
    this.#missed = missed;
  }

  afterJoin(): void {
    const { live, members } = this.#services;
    const missed = this.#missed ?? [];
    this.viewer.open(missed, () => {
      showMissed(this.viewer, missed, live.running(this.#conversationId), this.#joining);
      members.enter(this);
    });
    this.#response = undefined;
    this.#missed = undefined;
    this.#joining = { ...this.#joining, resume: undefined };
  }

  /** Handles a push. A refusal is sent as an `error` event too, because clients of the original channel ignore replies. */
  async handle(message: Message): Promise<undefined> {
    const { limits, log, members } = this.#services;
    members.active(this);
    try {
      const waitMs = await limits.pushes(this.userId);
      if (waitMs > 0) throw rateLimited(waitMs);
      this.#handlers ??= handlers({
        services: this.#services,
        conversationId: this.#conversationId,
        device: this,
        joined: this.#joining,
      });
      const { response, after } = await dispatch(this.#handlers, message.event, message.payload);
      message.reply({ status: "ok", response });
      after?.();
    } catch (cause) {
      const error = clientError(cause);
      if (error.code === "internal") log.error({ event: message.event, err: cause }, "a push failed");
      message.reply(refusalReply(error));
      this.viewer.push("error", refusalEvent(error));
    }
  }

  refused({ reason, message }: Refusal): void {
    this.viewer.push("error", refusalEvent(new ChannelError(reason, message)));
  }

  left(): void {
    this.#services.live.unwatch(this.#conversationId, this.viewer);
    this.#services.members.leave(this);
  }

  /** A draining server keeps the socket open while a turn runs, but not for one that waits. */
  busy(): boolean {
    const turn = this.#services.live.running(this.#conversationId);
    return turn !== undefined && turn.requests.length === 0;
  }
}

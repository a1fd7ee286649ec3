import { frontMatterKeys } from "../../graphs/front-matter.ts";
import type { Principal } from "../auth/principal.ts";
import { dispatchBy } from "../channel/dispatch.ts";
import { conversationOf, parseJoin } from "../channel/join.ts";
import { rateLimited, refusalReply } from "../channel/refusal.ts";
import { ChannelError } from "../errors.ts";
import { type Channel, type Joined, JoinRefused, type Member, type Message } from "../phoenix/channel.ts";
import { drawings } from "./drawings.ts";
import { handlers } from "./handlers.ts";
import { inbound } from "./messages.ts";
import { ModelChecks } from "./model-checks.ts";
import { shownModel } from "./model-handlers.ts";
import { PromptRuns } from "./prompt-runs.ts";
import { Replays } from "./replaying.ts";
import type { Workbench } from "./services.ts";
import { shownPrompts } from "./show.ts";
import { tell } from "./tell.ts";
import type { RunPlace } from "./wire/events.ts";
import type { RunEvent } from "./wire/runs.ts";

export const prefix = "workbench:";

/** The channel `workbench:<conversation_id>`, for the conversation's owner. */
export function workbenchChannel(workbench: Workbench): Channel<Principal> {
  const { conversations, graphs, prompts, inspector, limits, allowedModels, log } = workbench;

  async function join(payload: unknown, member: Member<Principal>): Promise<Joined> {
    const conversationId = conversationOf(member.topic, prefix);
    const { userId } = parseJoin(payload, member.assigns, allowedModels);
    const waitMs = await limits.joins(userId);
    if (waitMs > 0) throw new JoinRefused({ reason: "rate_limited", retry_after_ms: waitMs });
    const conversation = await conversations.conversation(conversationId);
    if (conversation?.owner !== userId) throw new JoinRefused({ reason: "not_found" });

    /** Leaves out inputs and outputs while the member is slow. */
    function showRun(place: RunPlace, event: RunEvent): void {
      const shown = member.congested ? { ...event, input: undefined, output: undefined } : event;
      member.push(event.event, { ...place, ...shown });
    }

    const canEdit = workbench.canEdit && member.assigns.mayEditPrompts === true;
    const replays = new Replays(workbench, member, showRun);
    const checks = new ModelChecks(workbench, member);
    const runs = new PromptRuns(workbench, member, userId);
    const handle = handlers({ ...workbench, canEdit }, userId, { replays, runs, checks });
    const shownGraphs = async () => ({ graphs: await drawings(graphs.current()), graph_fault: graphs.fault() });
    const shownModels = () => ({ model: shownModel({ ...workbench, canEdit }), models: [...allowedModels] });
    const shown = () => ({ can_edit: canEdit, prompts: shownPrompts(graphs.current(), prompts) });

    function showGraphs(): void {
      shownGraphs()
        .then((payload) => tell(member, "graphs_changed", payload))
        .catch((error: unknown) => log.error({ err: error }, "changed graphs could not be drawn"));
    }

    const unsubscribe: (() => void)[] = [];
    const drawn = await shownGraphs();
    return {
      response: { ...shown(), ...shownModels(), front_matter: frontMatterKeys, ...drawn },
      afterJoin() {
        unsubscribe.push(
          inspector.watch(conversationId, (turnId, event) => showRun({ turn_id: turnId }, event)),
          prompts.watch(() => tell(member, "prompts_changed", shown())),
          graphs.watch(showGraphs),
          workbench.model.inUse.watch(() => member.push("model_changed", shownModels())),
        );
      },
      async handle(message: Message): Promise<undefined> {
        try {
          const waitMs = await limits.pushes(userId);
          if (waitMs > 0) throw rateLimited(waitMs);
          const { response, after } = await dispatchBy(inbound, handle, message.event, message.payload);
          message.reply({ status: "ok", response });
          after?.();
        } catch (cause) {
          const error = ChannelError.from(cause);
          if (error.code === "internal") log.error({ event: message.event, err: cause }, "a push failed");
          message.reply(refusalReply(error));
        }
      },
      left() {
        for (const end of unsubscribe) end();
        replays.stopAll();
        runs.stopAll();
        checks.leave();
      },
    };
  }

  return { join };
}

import type { FileFacts } from "../../graphs/files.ts";
import type { JsonObject } from "../../graphs/host.ts";
import { ChannelError } from "../errors.ts";
import type { Conversation } from "../store/conversations.ts";
import { validTraceparent } from "../telemetry/traceparent.ts";
import type { Submission } from "../turns/submission.ts";
import type { Acceptance, Change } from "../turns/turns.ts";
import { attachedFiles } from "./attachments.ts";
import { checkEngine, checkLength, checkModel, invalid } from "./checks.ts";
import type { Handlers } from "./dispatch.ts";
import { defaultPageSize, historyPage } from "./history.ts";
import { contextBytes, type Inbound } from "./inbound.ts";
import type { JoinParams } from "./join.ts";
import type { Device } from "./members.ts";
import { rateLimited } from "./refusal.ts";
import type { Services } from "./services.ts";

interface Membership {
  services: Services;
  conversationId: string;
  device: Device;
  joined: JoinParams;
}

export function handlers({ services, conversationId, device, joined }: Membership): Handlers {
  const { store, bus, turns, members, limits } = services;

  async function conversation(): Promise<Conversation> {
    const found = await store.conversations.conversation(conversationId);
    if (!found) throw new Error(`The conversation ${conversationId} does not exist.`);
    return found;
  }

  /** The checks that every message has to pass before it becomes a turn. Throws a ChannelError. */
  async function checkMessage(content: string, model: string | undefined): Promise<void> {
    if (services.draining()) {
      throw new ChannelError("draining", "The server is about to restart. Send the message again after reconnecting.");
    }
    checkLength(content, services.messageMaxChars);
    checkModel(model, services.allowedModels);
    const waitMs = await limits.messages(joined.userId);
    if (waitMs > 0) throw rateLimited(waitMs);
  }

  async function filesOf({ attachments }: Pick<Replacement, "attachments">): Promise<FileFacts[] | undefined> {
    return attachments ? await attachedFiles(store.files, joined.userId, attachments) : undefined;
  }

  async function replace(turnId: string | undefined, { content, ...payload }: Replacement) {
    const { id, llm_config, options } = payload;
    const duplicate = id ? await turns.findDuplicate(conversationId, id) : undefined;
    if (!duplicate) checkEngine("options.engine", options?.engine, services.engines());
    if (!duplicate) await checkMessage(content ?? "", llm_config?.model);
    const change = { ...changeOf(payload), ...(content !== undefined && { query: content }) };
    const files = duplicate ? undefined : await filesOf(payload);
    const accepted =
      duplicate ??
      (await turns.replace(await conversation(), turnId, { ...change, ...(files && { attachments: files }) }));
    return { response: { ...acceptance(accepted), replaces: accepted.replaces ?? "" }, after: accepted.proceed };
  }

  return {
    async message(payload) {
      const { content, attachments, llm_config, id, options } = payload;
      if (content === "" && !attachments?.length) throw invalid("content", "must not be empty");
      const duplicate = id ? await turns.findDuplicate(conversationId, id) : undefined;
      if (!duplicate) checkEngine("options.engine", options?.engine, services.engines());
      if (!duplicate) await checkMessage(content, llm_config?.model);
      const files = duplicate ? undefined : await filesOf(payload);
      const submission = { ...submissionOf(payload, joined), attachments: files };
      const accepted = duplicate ?? (await turns.accept(await conversation(), submission));
      return { response: acceptance(accepted), after: accepted.proceed };
    },

    async regenerate({ turn_id, ...change }) {
      return await replace(turn_id ?? undefined, change);
    },

    async edit({ turn_id, ...change }) {
      return await replace(turn_id, change);
    },

    async new_conversation() {
      const { sessionId, proceed } = await turns.reset(conversationId);
      return { response: { session_id: sessionId }, after: proceed };
    },

    async set_context({ context: update }) {
      const context = await store.conversations.changeContext(conversationId, (known) => {
        const changed = merged(known, update);
        if (Buffer.byteLength(JSON.stringify(changed)) <= contextBytes) return changed;
        throw new ChannelError(
          "invalid_payload",
          `context: must be at most ${contextBytes} bytes as JSON after merging`,
        );
      });
      const payload = { context, timestamp: new Date().toISOString() };
      const after = () => bus.publish(conversationId, { type: "notice", event: "context_updated", payload });
      return { response: { context }, after };
    },

    async typing({ typing }) {
      members.setTyping(device, typing);
      return { response: {} };
    },

    async stop({ turn_id }) {
      const { turnId, stopped } = await turns.stop(conversationId, turn_id ?? undefined);
      return { response: { turn_id: turnId ?? null, stopped } };
    },

    async respond({ turn_id, responses }) {
      const answers = new Map(responses.map(({ interrupt_id, value }) => [interrupt_id, value ?? null]));
      const { proceed } = await turns.respond(conversationId, turn_id, answers);
      return { response: { turn_id }, after: proceed };
    },

    async feedback({ turn_id, score, comment, expected }) {
      checkEngine("expected", expected, services.engines());
      const turn = await store.history.turn(conversationId, turn_id);
      if (!turn) throw notFound();
      const rating = { score, comment: comment ?? undefined, expected: expected ?? undefined };
      await store.history.rate(turn_id, rating);
      services.rated(turn, rating);
      return { response: {} };
    },

    async get_history({ limit, before }) {
      const page = await store.history.page(conversationId, limit ?? defaultPageSize, before ?? undefined);
      if (!page) throw notFound();
      const reasoningOf = joined.showsReasoning ? store.history.reasoning : undefined;
      const noteOf = device.member.assigns.isOperator ? services.forOperator.noteOf : undefined;
      return { response: await historyPage(page, { reasoningOf, noteOf }) };
    },
  };
}

function acceptance({ turnId, duplicate, position }: Acceptance) {
  return { turn_id: turnId, duplicate, position };
}

function notFound(): ChannelError {
  return new ChannelError("not_found", "This session has no such turn.");
}

function submissionOf(
  { content, context, options, llm_config, id, traceparent }: Inbound["message"],
  joined: JoinParams,
): Submission {
  const { engine, when_busy, ...rest } = options ?? {};
  return {
    query: content,
    clientId: id ?? undefined,
    context: context ?? {},
    options: rest,
    preferences: joined.preferences,
    sampling: [llm_config ?? {}, joined.sampling],
    engine: engine ?? undefined,
    traceparent: validTraceparent(traceparent),
    whenBusy: when_busy ?? "queue",
  };
}

type Replacement = Omit<Inbound["regenerate"], "turn_id"> & Partial<Pick<Inbound["edit"], "content">>;

function changeOf({ context, options, llm_config, id, traceparent }: Replacement): Change {
  const { engine, when_busy: _when, ...rest } = options ?? {};
  return {
    clientId: id ?? undefined,
    sampling: llm_config ?? undefined,
    traceparent: validTraceparent(traceparent),
    ...(context && { context }),
    ...(options && { options: rest, engine: engine ?? undefined }),
  };
}

/** A shallow merge; null removes a key. `Object.fromEntries` keeps a key called `__proto__` as data. */
function merged(context: JsonObject, update: JsonObject): JsonObject {
  const entries = Object.entries({ ...context, ...update });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

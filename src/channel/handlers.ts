import type { JsonObject } from "../../graphs/host.ts";
import type { Principal } from "../auth/principal.ts";
import { ChannelError } from "../errors.ts";
import type { Member } from "../socket/channel.ts";
import type { Conversation } from "../store/store.ts";
import type { Acceptance, Change } from "../turns/accept.ts";
import type { Handlers } from "./dispatch.ts";
import { historyEntry } from "./history.ts";
import { contentCodePoints, contextBytes, type Inbound } from "./inbound.ts";
import type { Joining } from "./join.ts";
import { rateLimited } from "./refusal.ts";
import type { Services } from "./services.ts";

/** Who pushes, and where. */
interface Membership {
  services: Services;
  conversationId: string;
  member: Member<Principal>;
  joined: Joining;
}

export function handlers({ services, conversationId, member, joined }: Membership): Handlers {
  const { store, live, turns, runner, members, limits } = services;

  async function conversation(): Promise<Conversation> {
    const found = await store.conversation(conversationId);
    if (!found) throw new Error(`The conversation ${conversationId} is gone.`);
    return found;
  }

  async function checkMessage({ content, llm_config }: Partial<Inbound["message"]>): Promise<void> {
    if (services.draining())
      throw new ChannelError("draining", "The server is about to restart; send it again in a while.");
    checkLength(content ?? "");
    checkModel(llm_config?.model, services.allowedModels);
    const waitMs = await limits.messages(joined.userId);
    if (waitMs > 0) throw rateLimited(waitMs);
  }

  async function replace(turnId: string | undefined, change: Change) {
    const accepted = await turns.replace(await conversation(), turnId, change);
    if (!accepted) throw notFound();
    return { response: { ...acceptance(accepted), replaces: accepted.replaces ?? "" }, after: accepted.proceed };
  }

  return {
    async message(payload) {
      await checkMessage(payload);
      const accepted = await turns.accept(await conversation(), questionOf(payload, joined));
      return { response: acceptance(accepted), after: accepted.proceed };
    },

    async regenerate({ turn_id, llm_config }) {
      await checkMessage({ llm_config });
      return await replace(turn_id, { sampling: llm_config });
    },

    async edit({ turn_id, content }) {
      await checkMessage({ content });
      return await replace(turn_id, { query: content });
    },

    async new_conversation() {
      const session_id = await turns.reset(conversationId);
      const event = { session_id, timestamp: new Date().toISOString() };
      return { response: { session_id }, after: () => members.tell(member.topic, "conversation_reset", event) };
    },

    async set_context({ context: update }) {
      const context = merged((await conversation()).context, update);
      if (Buffer.byteLength(JSON.stringify(context)) > contextBytes) {
        throw new ChannelError("invalid_payload", `context: must be at most ${contextBytes} bytes as JSON once merged`);
      }
      await store.setContext(conversationId, context);
      const event = { context, timestamp: new Date().toISOString() };
      return { response: { context }, after: () => members.tell(member.topic, "context_updated", event) };
    },

    async typing({ typing }) {
      members.types(member, joined.userId, typing);
      return { response: {} };
    },

    async stop({ turn_id = live.running(conversationId)?.id ?? runner.running(conversationId) }) {
      const stopped = turn_id !== undefined && (await turns.stop(conversationId, turn_id));
      return { response: { turn_id: turn_id ?? null, stopped } };
    },

    async feedback({ turn_id, score, comment }) {
      const turn = await store.turn(conversationId, turn_id);
      if (!turn) throw notFound();
      await store.rate(turn_id, score, comment);
      services.rated(turn, score, comment);
      return { response: {} };
    },

    async get_history({ limit, before }) {
      const page = await store.history(conversationId, limit, before);
      if (!page) throw notFound();
      return { response: { turns: page.turns.map(historyEntry), has_more: page.hasMore } };
    },
  };
}

function acceptance({ turnId, duplicate, position }: Acceptance) {
  return { turn_id: turnId, duplicate, position };
}

function notFound(): ChannelError {
  return new ChannelError("not_found", "There is no such turn in this session.");
}

function checkLength(content: string): void {
  if (content.length <= contentCodePoints) return;
  const codePoints = [...content].length;
  if (codePoints <= contentCodePoints) return;
  const message = `content: must be at most ${contentCodePoints} characters, got ${codePoints}`;
  throw new ChannelError("content_too_long", message, { details: { limit: contentCodePoints, length: codePoints } });
}

function checkModel(model: string | undefined, allowed: ReadonlySet<string>): void {
  if (model === undefined || allowed.has(model)) return;
  throw new ChannelError("model_not_allowed", "This server does not offer that model.", {
    details: { models: [...allowed] },
  });
}

function questionOf({ content, context = {}, options = {}, llm_config = {}, id }: Inbound["message"], joined: Joining) {
  const { engine, when_busy = "queue", ...offered } = options;
  return {
    query: content,
    clientId: id,
    context,
    options: offered as JsonObject, // the two that the server understands are taken out
    preferences: joined.preferences,
    sampling: [llm_config, joined.sampling],
    engine,
    whenBusy: when_busy,
  };
}

/** A shallow merge in which null removes a key; every key is data, `__proto__` too. */
function merged(context: JsonObject, update: JsonObject): JsonObject {
  const entries = Object.entries({ ...context, ...update });
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

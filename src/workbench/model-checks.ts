import type { Config } from "../config.ts";
import { type Check, type Examined, examineAll } from "../doctor/examine.ts";
import { addressIn, problemIn, verdictOf } from "../doctor/verdict.ts";
import { ChannelError } from "../errors.ts";
import { type Connection, connected } from "../models/model-in-use.ts";
import { providerModel } from "../models/providers/names.ts";
import type { Member } from "../phoenix/channel.ts";
import type { Workbench } from "./services.ts";

/** For one check of a model, in ms. */
const limitMs = 180_000;

/** A model that a member has checked. Only this member knows it, and it is forgotten when the member leaves. */
interface Checked {
  id: string;
  config: Config;
  /** It streams, so it can be used. */
  canAnswer: boolean;
}

/** One member's checks of models to connect, one at a time. They are those of `npm run doctor`. */
export class ModelChecks {
  readonly #workbench: Workbench;
  readonly #member: Member<unknown>;
  #running: { id: string; controller: AbortController } | undefined;
  #checked: Checked | undefined;
  readonly #left = new AbortController();
  /** Aborts when the member leaves. */
  readonly left = this.#left.signal;

  constructor(workbench: Workbench, member: Member<unknown>) {
    this.#workbench = workbench;
    this.#member = member;
  }

  /** Stops the previous check. Call `begin` after the reply was sent. */
  start(connection: Connection): { checkId: string; begin: () => void } {
    this.stop();
    const config = connected(this.#workbench.model.inUse.current().config, connection);
    const running = { id: crypto.randomUUID(), controller: new AbortController() };
    this.#running = running;
    return { checkId: running.id, begin: () => void this.#run(running.id, config, running.controller.signal) };
  }

  stop(): boolean {
    const wasRunning = this.#running !== undefined;
    this.#running?.controller.abort();
    this.#running = undefined;
    this.#checked = undefined;
    return wasRunning;
  }

  leave(): void {
    this.stop();
    this.#left.abort();
  }

  /** The settings of a checked model that can be used. */
  checked(id: string): Config {
    if (this.#checked?.id !== id) throw new ChannelError("not_found", "Check the model first.");
    if (!this.#checked.canAnswer)
      throw new ChannelError("not_allowed", "This model did not answer when it was checked.");
    return this.#checked.config;
  }

  /** Never rejects. */
  async #run(id: string, config: Config, stopped: AbortSignal): Promise<void> {
    const { prompts, log } = this.#workbench;
    const push = (event: string, payload: object) => {
      if (!stopped.aborted) this.#member.push(event, { check_id: id, ...payload });
    };
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(limitMs)]);
      const only = { ...config, FALLBACK_MODELS: [] };
      const [examined] = await examineAll(only, prompts.current(), signal, (check) =>
        push("model_check", shown(check)),
      );
      if (!examined || stopped.aborted) return;
      const canAnswer = examined.checks.some(({ kind, result }) => kind === "streamed" && result === "ok");
      const found = addressIn([examined]);
      this.#checked = { id, canAnswer, config: found ? { ...config, OPENAI_BASE_URL: found } : config };
      push("model_checked", { can_use: canAnswer, ...result(config, examined) });
    } catch (error) {
      log.error({ err: error }, "a check of a model failed");
      push("model_checked", {
        can_use: false,
        is_fit: false,
        sentence: "The check failed. The server's log has the reason.",
      });
    } finally {
      if (this.#running?.id === id) this.#running = undefined;
    }
  }
}

/** Why a model's name or address cannot be used, as a sentence. Undefined if it can. */
export function connectionProblem({ model, apiKey, baseURL }: Connection): string | undefined {
  const provided = providerModel(model);
  if (provided) return `${model} is asked through ${provided.package}: set MODEL and the provider's key in .env.`;
  return apiKey || baseURL ? undefined : "An address or a key is needed.";
}

function shown({ kind, result, ms, first_word_ms, note, trouble }: Check) {
  const { message, said = message, status, help } = trouble ?? {};
  return { kind, result, ms, first_word_ms, note, said, status, help: help && forPeople(help) };
}

function result(config: Config, examined: Examined) {
  const { isFit, sentence } = verdictOf(config, [examined]);
  const problem = problemIn(examined.checks);
  const { server, adapted, price, context_tokens, reports_usage } = examined;
  return {
    is_fit: isFit,
    sentence: forPeople(problem ?? sentence),
    server,
    adapted,
    price,
    context_tokens,
    reports_usage,
  };
}

/** The doctor's sentences name settings; on the page, these are fields. */
function forPeople(sentence: string): string {
  return sentence
    .replaceAll("MODEL, MODELS and FALLBACK_MODELS", "the name of the model")
    .replaceAll("OPENAI_API_KEY", "the key")
    .replaceAll("OPENAI_BASE_URL", "the address");
}

import { ModelFailure } from "../../graphs/failure.ts";
import type { PromptSet } from "../../graphs/prompt.ts";
import type { Config } from "../config.ts";
import { Adaptations } from "../models/adapting/adaptations.ts";
import { unstreamed } from "../models/adapting/changes.ts";
import { ContextWindows } from "../models/context-windows.ts";
import { endpoint } from "../models/http/endpoint.ts";
import { isDemo } from "../models/models.ts";
import { prices } from "../models/prices.ts";
import { ownModel, providerModel } from "../models/providers/names.ts";
import { type Asking, plain, streamed, structuredReply, type Told } from "./checks.ts";

export interface Trouble {
  message: string;
  help?: string;
  address?: string;
  status?: number;
  said?: string;
}

export interface Check {
  kind: "plain" | "streamed" | "structured";
  /** `skipped`: not asked, because another check has failed. */
  result: "ok" | "failed" | "skipped";
  ms?: number;
  first_word_ms?: number;
  note?: string;
  trouble?: Trouble;
}

export interface Examined {
  model: string;
  /** The address of the requests, or the provider's package. */
  server: string;
  checks: Check[];
  /** What the server refuses, so requests leave it out. */
  adapted: string[];
  /** In US dollars per million tokens. */
  price: { input: number; output: number } | null;
  /** Costs are unknown without it. */
  reports_usage: boolean;
  context_tokens: number | null;
}

/**
 * Examines MODEL and the fallbacks, one after the other: a local server may have to load each. Empty for the demo model. `watch` gets each
 * check as it ends.
 */
export async function examineAll(
  settings: Config,
  prompts: PromptSet,
  signal: AbortSignal,
  watch: (check: Check) => void = () => {},
): Promise<Examined[]> {
  if (isDemo(settings)) return [];
  const examined: Examined[] = [];
  for (const model of new Set([settings.MODEL, ...settings.FALLBACK_MODELS])) {
    examined.push(await examine(model, { settings, prompts, signal, watch }));
  }
  return examined;
}

interface Parts {
  settings: Config;
  prompts: PromptSet;
  signal: AbortSignal;
  watch: (check: Check) => void;
}

async function examine(model: string, { settings, prompts, signal, watch }: Parts): Promise<Examined> {
  const adaptations = new Adaptations();
  const whole = new Adaptations();
  whole.learn(ownModel(model), [{ change: unstreamed }]);
  const asking: Asking = { settings, model, adaptations, signal };
  const checks: Check[] = [];
  let reply: Told["reply"];
  let isOver = false;

  function ended(check: Check): void {
    checks.push(check);
    watch(check);
  }

  async function run(kind: Check["kind"], check: () => Promise<Told>): Promise<void> {
    if (isOver) return ended({ kind, result: "skipped" });
    const began = performance.now();
    const took = () => Math.round(performance.now() - began);
    try {
      const { note, firstMs, ...told } = await check();
      reply = told.reply ?? reply;
      ended({ kind, result: "ok", ms: took(), first_word_ms: firstMs, note });
    } catch (error) {
      // Some servers only stream, so a plain reply is not needed.
      isOver = kind !== "plain" || signal.aborted || (error instanceof ModelFailure && error.inAnyForm);
      ended({ kind, result: "failed", ms: took(), trouble: troubleOf(error, signal) });
    }
  }

  await run("plain", () => plain({ ...asking, adaptations: whole }));
  await run("streamed", () => streamed(asking));
  await run("structured", () => structuredReply(asking, prompts));
  const changes = (known: Adaptations) => known.list().flatMap((one) => one.changes);
  const ofPlain = changes(whole).filter((change) => change !== unstreamed.name);
  return {
    model,
    server: serverOf(settings, model),
    checks,
    adapted: [...new Set([...changes(adaptations), ...ofPlain])],
    price: priceOf(settings, model, reply?.response_metadata.model_name),
    reports_usage: (reply?.usage_metadata?.output_tokens ?? 0) > 0,
    context_tokens: new ContextWindows(settings).known(model) ?? null,
  };
}

/** Without its query, which may contain a key. */
function serverOf({ OPENAI_BASE_URL }: Config, model: string): string {
  const provided = providerModel(model);
  if (provided) return provided.package;
  const { origin, path } = endpoint({ apiKey: "", baseURL: OPENAI_BASE_URL });
  return origin + path.split("?", 1)[0];
}

function troubleOf(error: unknown, signal: AbortSignal): Trouble {
  if (signal.aborted) return { message: "The time is up.", help: "Look at the load of the model server." };
  if (!(error instanceof ModelFailure)) throw error;
  const { model: _asked, ...place } = error.diagnosis;
  return { message: error.message, ...(error.help && { help: error.help }), ...place };
}

/** The server may report other model names. */
function priceOf(settings: Config, asked: string, reported: string | undefined): Examined["price"] {
  const price = prices(settings);
  const input = price({ asked, reported }, 1_000, 0);
  const output = price({ asked, reported }, 0, 1_000);
  return input === null || output === null ? null : { input: input * 1_000, output: output * 1_000 };
}

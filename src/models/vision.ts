import { ChatOpenAICompletions } from "@langchain/openai";

import type { Config } from "../config.ts";
import { buildModel } from "./providers/build.ts";
import { ownModel, type ProviderModelName, providerModel } from "./providers/names.ts";

/** What was learned from a refusal counts for so long, in ms: the server may be set up anew. */
const learnedMs = 3_600_000;

/** Of the models asked last. */
const maxModels = 200;

/** Families that read text alone, and are in nobody's list. Of names such as `meta-llama/llama-3.3-70b`, the last part counts. */
const readsTextAlone =
  /^(?:gpt-3\.5|gpt-4(?:-\d{4}|-32k.*)?$|gpt-oss|o1-(?:mini|preview)|o3-mini|claude-(?:2|instant)|deepseek-(?:chat|reasoner|r1|v[23]|coder)|(?:meta-)?llama-?[23](?!\d)(?!.*(?:vision|llava))|codellama|tinyllama|mixtral|codestral|mistral(?:$|:|-7b|-nemo)|open-mi[sx]tral|qwen(?:1\.5|2|2\.5|3)(?![.\d])(?!.*(?:vl|omni))|qwq|phi-?[23](?!.*vision)|phi-?4(?!.*multimodal)|gemma(?:-?2|:|-\db)|gemma-?3.?(?:1b|270m)|codegemma|command-r|starcoder|kimi-k2(?![.\d]))/;

/**
 * Which models see images: as set in MODEL_VISION, as their servers have said, as LangChain's profiles say, or as the name tells. Any other model
 * counts as seeing: if it does not, its server says so once, while a model that is wrongly held for blind could not be used at all.
 */
export class Vision {
  readonly #set: ReadonlyMap<string, boolean>;
  /** What the packages say, by name. */
  readonly #profiles = new Map<string, boolean | undefined>();
  /** Until when a refusal counts, by name. */
  readonly #refused = new Map<string, number>();
  readonly #now: () => number;

  constructor({ MODEL_VISION }: Pick<Config, "MODEL_VISION">, now: () => number = Date.now) {
    this.#now = now;
    this.#set = new Map(MODEL_VISION.map((entry) => [entry.slice(0, entry.lastIndexOf("=")), entry.endsWith("=yes")]));
  }

  /** As far as it is known at once: the package of a provider is asked by `sees`. */
  known(name: string): boolean {
    const provided = providerModel(name);
    const own = provided?.model ?? ownModel(name);
    const isRefused = (this.#refused.get(name) ?? 0) > this.#now();
    return (
      this.#set.get(name) ??
      this.#set.get(own) ??
      (isRefused ? false : undefined) ??
      (provided ? this.#profiles.get(name) : this.#openAI(own)) ??
      !readsTextAlone.test(lastPart(own))
    );
  }

  async sees(name: string): Promise<boolean> {
    const provided = providerModel(name);
    if (provided && !this.#profiles.has(name)) this.#keep(name, await profileOf(provided));
    return this.known(name);
  }

  /** The model's server takes no images. */
  refused(name: string): void {
    const [oldest] = this.#refused.keys();
    if (this.#refused.size >= maxModels && oldest !== undefined) this.#refused.delete(oldest);
    this.#refused.set(name, this.#now() + learnedMs);
  }

  #openAI(name: string): boolean | undefined {
    if (!this.#profiles.has(name)) {
      this.#keep(name, new ChatOpenAICompletions({ model: lastPart(name), apiKey: "none" }).profile.imageInputs);
    }
    return this.#profiles.get(name);
  }

  #keep(name: string, sees: boolean | undefined): void {
    const [oldest] = this.#profiles.keys();
    if (this.#profiles.size >= maxModels && oldest !== undefined) this.#profiles.delete(oldest);
    this.#profiles.set(name, sees);
  }
}

/** Undefined if the package does not know the model, or cannot be used: the turn will say why. */
async function profileOf(name: ProviderModelName): Promise<boolean | undefined> {
  const model = await buildModel(name, {}, fetch).catch(() => undefined);
  return model?.profile.imageInputs;
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1).toLowerCase();
}

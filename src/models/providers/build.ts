import type { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { initChatModel } from "langchain/chat_models/universal";

import { ModelFailure } from "../../../graphs/failure.ts";
import type { Sampling } from "../../../graphs/host.ts";
import { withoutSecrets } from "../http/secrets.ts";
import type { ProviderModelName } from "./names.ts";
import { traitsOf } from "./traits.ts";

/** The model cannot be used before somebody installs or sets something. `help` says what. */
export class ProviderUnusable extends ModelFailure {
  constructor(help: string, cause: unknown) {
    super("model_unavailable", "The provider cannot be used.", { cause, help, inAnyForm: true });
    this.name = "ProviderUnusable";
  }
}

/** Builds a chat model for one request. Its package is loaded at the first use. Throws a ProviderUnusable if that is not possible. */
export async function buildModel(
  { name, provider, model, package: packageName }: ProviderModelName,
  { temperature, max_tokens, top_p }: Sampling,
  own: typeof fetch,
): Promise<BaseChatModel> {
  const { maxTokens, fetch: withFetch, key } = traitsOf(provider);
  const fields = {
    ...(temperature !== undefined && { temperature }),
    ...(max_tokens !== undefined && { [maxTokens]: max_tokens }),
    ...(top_p !== undefined && { topP: top_p }),
    maxRetries: 0,
    ...withFetch?.(own),
  };
  try {
    return await (await initChatModel(model, { modelProvider: provider, ...fields }))._getModelInstance();
  } catch (error) {
    const reason = withoutSecrets(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
    if (isMissing(error)) throw new ProviderUnusable(`${name} needs a package: npm install ${packageName}`, error);
    const toSet = key && /key|credential|token/i.test(reason) ? ` (set ${key})` : "";
    throw new ProviderUnusable(`${name} cannot be used: ${reason}${toSet}`, error);
  }
}

/** The package, or one that it needs, is not installed. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return /^Unable to import |^Cannot find package /.test(error.message);
}

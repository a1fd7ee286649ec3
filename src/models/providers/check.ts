import type { PromptSet } from "../../../graphs/prompt.ts";
import type { Config } from "../../config.ts";
import { buildModel, ProviderUnusable } from "./build.ts";
import { providerModel } from "./names.ts";

/** Loads the packages of all providers that the settings and the prompts name. Throws an Error that says what to install or set, and who wants it. */
export async function checkProviders(
  { MODEL, MODELS, FALLBACK_MODELS }: Pick<Config, "MODEL" | "MODELS" | "FALLBACK_MODELS">,
  prompts: PromptSet = new Map(),
): Promise<void> {
  const wanted: [string, string][] = [
    ["MODEL", MODEL],
    ...MODELS.map((name): [string, string] => ["MODELS", name]),
    ...FALLBACK_MODELS.map((name): [string, string] => ["FALLBACK_MODELS", name]),
    ...[...prompts.values()].map(({ name, settings }): [string, string] => [`prompt ${name}`, settings.model ?? ""]),
  ];
  for (const [place, name] of wanted) {
    const model = providerModel(name);
    if (!model) continue;
    await buildModel(model, {}, fetch).catch((error: unknown) => {
      throw error instanceof ProviderUnusable ? new Error(`${place}: ${error.help}`) : error;
    });
  }
}

import type { Config } from "../config.ts";
import { isDemo } from "../models/models.ts";
import type { Check, Examined } from "./examine.ts";

export interface Verdict {
  isFit: boolean;
  /** Whether it is fit for use, or what to change. */
  sentence: string;
}

const demo =
  "No model is configured, and the built-in demo model answers: set OPENAI_API_KEY (OpenAI), OPENAI_BASE_URL and MODEL (any compatible server), or MODEL=anthropic:… and its key (other providers).";

/** How the list of adaptations names an address that was found. */
const foundAt = /^requests go to (.+)\/chat\/completions$/;

export function verdictOf(settings: Config, examined: Examined[]): Verdict {
  if (isDemo(settings)) return { isFit: false, sentence: demo };
  const broken = examined.flatMap(({ model, checks }) => {
    const problem = problemIn(checks);
    return problem ? [`${model}: ${problem}`] : [];
  });
  if (broken.length > 0) return { isFit: false, sentence: `Not fit for use. ${broken.join(" ")}` };
  const address = addressIn(examined);
  if (address) return { isFit: true, sentence: `Fit for use. OPENAI_BASE_URL should be ${address}.` };
  const isAdapted = examined.some(({ adapted }) => adapted.length > 0);
  const sentence = isAdapted ? "Fit for use: the server is asked without what it does not take." : "Fit for use.";
  return { isFit: true, sentence };
}

/** What to change, as a sentence. Undefined if the model is fit for use. */
export function problemIn(checks: Check[]): string | undefined {
  if (checks.every(isGoodEnough)) return undefined;
  const trouble = checks.findLast(({ result }) => result === "failed")?.trouble;
  return trouble?.help ?? trouble?.message;
}

/** The base URL at which the API was found, if it differs from the settings. */
export function addressIn(examined: Examined[]): string | undefined {
  return examined.flatMap(({ adapted }) => adapted.flatMap((change) => foundAt.exec(change)?.[1] ?? []))[0];
}

/** The server does not need replies that are not streamed. */
function isGoodEnough({ kind, result }: Check): boolean {
  return kind === "plain" || result === "ok";
}

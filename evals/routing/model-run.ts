import { fullRouter, type Routed } from "../../cli/full-router.ts";
import { addCosts } from "../../graphs/call.ts";
import { type Config, config } from "../../src/config.ts";
import { isDemo } from "../../src/models/models.ts";
import { checkProviders } from "../../src/models/providers/check.ts";
import { mean, quantile } from "./intervals.ts";
import { type Answer, isAcceptable, isRight, share } from "./measure.ts";
import { interval } from "./print.ts";

/** How many messages are asked about concurrently. */
const atOnce = 4;

/** A message, the local stage's answer, and what the model stage made of it, if it was asked. */
interface Asked {
  local: Answer;
  /** The whole router's answer. */
  whole: Answer;
  routed?: Routed;
  seconds: number;
}

/** The settings for a run; the model decides whatever it is asked. Throws if there is no model to measure. */
export async function settingsOfRun(environment: NodeJS.ProcessEnv): Promise<Config> {
  const settings = config({ ...environment, ROUTING: "model", ROUTING_THRESHOLD: "1" });
  if (isDemo(settings)) {
    throw new Error(
      "There is no model to measure: the built-in demo model cannot route. Set OPENAI_API_KEY, OPENAI_BASE_URL or MODEL, for example in .env.",
    );
  }
  await checkProviders(settings);
  return settings;
}

/** Asks the model about the messages that the local stage is not sure about, and returns the report. `onCall` gets the number of calls so far. */
export async function measureWithModel(
  answers: readonly Answer[],
  settings: Config,
  onCall: (calls: number, of: number) => void,
): Promise<string> {
  const route = fullRouter(settings);
  const unsure = answers.filter(({ sure }) => !sure);
  const asked: Asked[] = answers.filter(({ sure }) => sure).map((local) => ({ local, whole: local, seconds: 0 }));
  for (let at = 0; at < unsure.length; at += atOnce) {
    const some = unsure.slice(at, at + atOnce);
    asked.push(...(await Promise.all(some.map((local) => ask(local, route)))));
    onCall(Math.min(at + atOnce, unsure.length), unsure.length);
  }
  return report(asked, settings.MODEL);
}

async function ask(local: Answer, route: (message: Answer["item"]) => Promise<Routed>): Promise<Asked> {
  const began = performance.now();
  const routed = await route(local.item);
  const seconds = (performance.now() - began) / 1000;
  const isByModel = routed.decidedBy === "model";
  return { local, whole: isByModel ? { ...local, type: routed.type } : local, routed, seconds };
}

function report(asked: readonly Asked[], model: string): string {
  const called = asked.filter(({ routed }) => routed);
  const decided = called.filter(({ routed }) => routed?.decidedBy === "model");
  const ofKind = (kind: string) => asked.filter(({ whole }) => whole.group.kind === kind);
  const rows: [string, Answer[]][] = [
    ["whole router", asked.map(({ whole }) => whole)],
    ["  real", ofKind("real").map(({ whole }) => whole)],
    ["  openers", ofKind("openers").map(({ whole }) => whole)],
    ["  mid-session", ofKind("mid-session").map(({ whole }) => whole)],
    ["decided locally", asked.filter(({ routed }) => !routed).map(({ whole }) => whole)],
    ["decided by the model", decided.map(({ whole }) => whole)],
    ["  local guess there", decided.map(({ local }) => local)],
  ];
  const table = rows.map(
    ([name, own]) =>
      `${name.padEnd(22)}${String(own.length).padEnd(10)}${interval(share(own, isRight)).padEnd(22)}${interval(share(own, isAcceptable))}`,
  );
  return [
    `The whole router on ${model}; the local stage judges with weights that have not seen the message's source. 95 % intervals.`,
    "",
    `${"".padEnd(22)}messages  strict                lenient`,
    ...table,
    "",
    ...callLines(called, model),
    "",
  ].join("\n");
}

function callLines(called: readonly Asked[], model: string): string[] {
  const failures = called.flatMap(({ routed }) =>
    routed?.decidedBy === "model" ? [] : [routed?.failure ?? "unknown"],
  );
  const reasons = [...Map.groupBy(failures, (code) => code)].map(([code, all]) => `${all.length} × ${code}`);
  const failed =
    failures.length > 0 ? `${failures.length} failed (${reasons.join(", ")}), the local guess counted` : "none failed";
  const spent = called.flatMap(({ routed }) => routed?.spent ?? []);
  const cost = spent.map(({ cost_usd }) => cost_usd).reduce(addCosts, 0 as number | null);
  const tokens = (of: "input_tokens" | "output_tokens") => spent.reduce((sum, one) => sum + one[of], 0);
  const seconds = called.map((one) => one.seconds).sort((a, b) => a - b);
  return [
    `model asked: ${called.length}; ${failed}`,
    `latency: p50 ${quantile(seconds, 0.5).toFixed(2)} s, p95 ${quantile(seconds, 0.95).toFixed(2)} s, mean ${mean(seconds).toFixed(2)} s, ${atOnce} at a time`,
    `tokens: ${tokens("input_tokens")} in, ${tokens("output_tokens")} out`,
    cost === null
      ? `cost: unknown, there is no price for ${model}; set MODEL_PRICES`
      : `cost: $${cost.toFixed(5)}, $${(cost / Math.max(1, called.length)).toFixed(6)} per question`,
  ];
}

import { type ExampleEngine, exampleEngine, oddsOf } from "./by-example.ts";
import { type Features, features, signalNames } from "./features.ts";
import { choose, favours, type Model, normalize, onlySimple, probabilities } from "./model.ts";
import { reasonsFor } from "./reasons.ts";
import type { Turn } from "./scene.ts";
import { shippedWeights, unpack, unpackBackground, type Weights } from "./weights.ts";

/** The types that the shipped weights know. */
export type KnownType = "simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step";

/** The router's classification of a message. */
export interface Decision<Type extends string = KnownType> {
  /** The engine's type. */
  type: Type;
  /** The probability of `type`. */
  confidence: number;
  /** True if no model needs to be asked. */
  sure: boolean;
  /** One probability per type of the registry; they sum to 1. */
  probabilities: Record<Type, number>;
  /** One to three sentences about what influenced the decision most. */
  reasons: string[];
}

/** An engine of the registry. Other keys are ignored. */
export interface RoutableEngine {
  /** Messages that this engine should answer. */
  examples?: readonly string[];
  [other: string]: unknown;
}

export interface RouterOptions<Type extends string> {
  /** All engines, by type. */
  engines: Readonly<Record<Type, RoutableEngine>>;
  /** Default: the shipped ones. */
  weights?: Weights;
}

/**
 * Decides which engine should answer a message, from its text, the turns before it (oldest first) and the client's context.
 * `threshold` is the minimum confidence, from 0 to 1, for a `sure` decision; by default the one found in training.
 */
export type Decide<Type extends string> = (
  message: string,
  history?: readonly Turn[],
  context?: Readonly<Record<string, unknown>>,
  threshold?: number,
) => Decision<Type>;

/**
 * Favours engines that only their examples speak for: they would hardly ever be the likeliest in doubt. At 2, half of the messages of
 * the type that `router:eval` holds out of training are found.
 */
const exampleFavour = 2;

const shipped = shippedWeights();

/** The types that the shipped weights know; the follow-up is last. */
export const knownTypes = shipped.types as readonly KnownType[];

/** The minimum confidence for a `sure` decision with the shipped weights. */
export const shippedThreshold = shipped.threshold;

/**
 * Makes a router for these engines. It is deterministic. An engine that the weights do not know is recognized by its examples. If it
 * has none, no decision is `sure`: the message might be meant for it. Throws if the weights belong to another version.
 */
export function createRouter<Type extends string>({ engines, weights = shipped }: RouterOptions<Type>): Decide<Type> {
  if (weights.signals.join() !== signalNames.join()) {
    throw new Error("weights.json does not match the router's signals. Run `npm run router:train`.");
  }
  const model = unpack(weights);
  const known = weights.types;
  const followUp = known.length - 1;
  const taught = exampleEngines(engines, weights);
  const types = [...new Set([...known, ...taught.map(({ type }) => type)])];
  const registered = types.flatMap((type, k) => (Object.hasOwn(engines, type) ? [[k, type as Type] as const] : []));
  const favour = favours(known.length, weights.followUpFavour);
  for (let k = known.length; k < types.length; k++) favour.push(exampleFavour);
  const isComplete = registered.length === Object.keys(engines).length;

  return function decide(content, history = [], context = {}, threshold = weights.threshold) {
    const seen = features({ content, history, context });
    const hasHistory = history.length > 0;
    const all = new Float64Array(types.length);
    all.set(seen.empty ? onlySimple(known) : probabilities(model, seen, hasHistory));
    for (const engine of taught) {
      const k = types.indexOf(engine.type);
      all[k] = (all[k] ?? 0) + (seen.empty ? 0 : oddsOf(engine, seen, hasHistory));
    }
    const shares = new Float64Array(types.length);
    for (const [k] of registered) shares[k] = all[k] ?? 0;
    if (shares.every((share) => share === 0)) shares[registered[0]?.[0] ?? 0] = 1;
    normalize(shares);
    const chosen = choose(shares, favour);
    const confidence = shares[chosen] ?? 0;
    return {
      type: types[chosen] as Type,
      confidence,
      sure: isComplete && confidence >= threshold,
      probabilities: Object.fromEntries(registered.map(([k, type]) => [type, shares[k] ?? 0])) as Record<Type, number>,
      reasons: reasons(model, chosen, followUp, seen),
    };
  };
}

/** The engines that have examples. Those of engines that the weights know only count for messages that are nearly the same. */
function exampleEngines(
  engines: Readonly<Record<string, RoutableEngine>>,
  { types, background }: Weights,
): ExampleEngine[] {
  return Object.entries(engines).flatMap(([type, { examples = [] }]) =>
    examples.length > 0
      ? [exampleEngine(type, examples, types.includes(type) ? undefined : unpackBackground(background))]
      : [],
  );
}

function reasons(model: Model, chosen: number, followUp: number, seen: Features): string[] {
  if (seen.empty) return ["It only tries to instruct the router."];
  if (chosen > followUp) return ["It resembles the engine's examples."];
  const found = chosen === followUp ? reasonsFor(model.followUp, 0, seen) : reasonsFor(model.kind, chosen, seen);
  return found.length > 0 ? found : ["Its overall wording is typical of this type."];
}

/** The router for the types that the shipped weights know. */
export const decide = createRouter<KnownType>({
  engines: Object.fromEntries(knownTypes.map((type) => [type, {}])) as Record<KnownType, RoutableEngine>,
});

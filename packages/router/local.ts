import { type Features, features, signalNames } from "./features.ts";
import { choose, type Model, onlySimple, probabilities } from "./model.ts";
import { reasonsFor } from "./reasons.ts";
import type { Incoming } from "./scene.ts";
import { shippedWeights, unpack, type Weights } from "./weights.ts";

/** The message types that the shipped weights know. */
export type KnownType = "simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step";

/** The local stage's classification of a message. */
export interface Guess {
  type: KnownType;
  /** One probability per known type; they sum to 1. */
  probabilities: Record<KnownType, number>;
  /** The probability of `type`. */
  confidence: number;
  /** True if the router can skip the model stage. */
  sure: boolean;
  /** One to three sentences about what influenced the guess most. */
  reasons: string[];
}

const shipped = shippedWeights();

/** The message types that the shipped weights know. */
export const knownTypes = shipped.types as readonly KnownType[];

/** The minimum confidence for a `sure` guess with the shipped weights. */
export const shippedThreshold = shipped.threshold;

/**
 * Classifies a message. Deterministic. If `registry` has a type that the weights were not trained on, no guess is `sure`:
 * the message might be meant for that engine, and only the model stage knows about it.
 */
export const classify = guesser(shipped);

/** If a follow-up is at least this probable, no other type is `sure`. */
export const doubtfulFollowUp = 0.2;

export function guesser(weights: Weights) {
  if (weights.signals.join() !== signalNames.join()) {
    throw new Error("weights.json does not match the router's signals. Run `npm run router:train`.");
  }
  const model = unpack(weights);
  const types = weights.types as KnownType[];
  return function classify(
    incoming: Incoming,
    registry: readonly string[] = types,
    threshold: number = weights.threshold,
  ): Guess {
    const seen = features(incoming);
    const shares = seen.empty ? onlySimple(types) : probabilities(model, seen, incoming.history.length > 0);
    const chosen = choose(shares, weights.followUpFavour);
    const type = types[chosen] as KnownType;
    const confidence = shares[chosen] ?? 0;
    const follows = shares[types.length - 1] ?? 0;
    return {
      type,
      probabilities: Object.fromEntries(types.map((name, k) => [name, shares[k] ?? 0])) as Guess["probabilities"],
      confidence,
      sure:
        confidence >= threshold &&
        registry.every((name) => types.includes(name as KnownType)) &&
        (chosen === types.length - 1 || follows < doubtfulFollowUp),
      reasons: reasons(model, chosen, types.length, seen),
    };
  };
}

function reasons(model: Model, chosen: number, types: number, seen: Features): string[] {
  if (seen.empty) return ["It only tries to instruct the router."];
  const found = chosen === types - 1 ? reasonsFor(model.followUp, 0, seen) : reasonsFor(model.kind, chosen, seen);
  return found.length > 0 ? found : ["Its overall wording is typical of this type."];
}

import { type Features, features, signalNames } from "./features.ts";
import { choose, type Model, onlySimple, probabilities } from "./model.ts";
import { reasonsFor } from "./reasons.ts";
import type { Incoming } from "./scene.ts";
import { shippedWeights, unpack, type Weights } from "./weights.ts";

/** The types that the shipped weights were trained on. */
export type KnownType = "simple" | "complex" | "analysis" | "generation" | "problem_solving" | "multi_step";

/** What the local stage makes of a message. */
export interface Guess {
  type: KnownType;
  /** Of every type that the weights know; they sum to 1. */
  probabilities: Record<KnownType, number>;
  /** The probability of `type`. */
  confidence: number;
  /** Whether the router does without the model stage. */
  sure: boolean;
  /** Up to three things about the message that weighed most, in words. */
  reasons: string[];
}

const shipped = shippedWeights();

/** The types that the shipped weights were trained on. */
export const knownTypes = shipped.types as readonly KnownType[];

/** The confidence from which the shipped weights are `sure`. */
export const shippedThreshold = shipped.threshold;

/**
 * Guesses the type of a message; the same input gives the same guess. With types in `registry` that the weights were not
 * trained on, no guess is `sure`: any message might be meant for the new engine, and only the model stage knows its menu.
 */
export const classify = guesser(shipped);

/** From this probability of a follow-up on, no other type is sure. */
export const doubtfulFollowUp = 0.2;

export function guesser(weights: Weights) {
  if (weights.signals.join() !== signalNames.join()) {
    throw new Error("The router's weights were trained on other signals: run `npm run router:train`.");
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
  if (seen.empty) return ["It only tries to tell the router what to do."];
  const found = chosen === types - 1 ? reasonsFor(model.followUp, 0, seen) : reasonsFor(model.kind, chosen, seen);
  return found.length > 0 ? found : ["Its words as a whole resemble such messages."];
}

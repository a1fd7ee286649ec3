import { readFileSync } from "node:fs";

import type { Background } from "./examples.ts";
import type { Model, Sharpness, Stage } from "./model.ts";

/** The contents of weights.json, written by `npm run router:train`: the model and its training data's hash. */
export interface Weights {
  trained: { on: string; items: number; sha256: string };
  /** The types that the model knows; the follow-up (`multi_step`) is last. */
  types: string[];
  signals: string[];
  /** The router skips the model stage from this confidence on. */
  threshold: number;
  /** The follow-up's probability is multiplied by this before the most probable type is picked. */
  followUpFavour: number;
  sharpness: Sharpness;
  stages: { followUp: PackedStage; kind: PackedStage };
  /** For engines that are known by their examples only. */
  background: PackedBackground;
}

/** A stage, with its tables as base64-encoded little-endian arrays. */
interface PackedStage {
  classes: number;
  gramScale: number;
  bias: string;
  signals: string;
  grams: string;
  roots: string;
  feature: string;
  value: string;
  right: string;
}

/** A background, with its tables as base64-encoded little-endian arrays. */
interface PackedBackground {
  mean: string;
  spread: string;
  inverse: string;
  centres: string;
  within: number;
  coefficients: number[];
}

export function shippedWeights(): Weights {
  return JSON.parse(readFileSync(new URL("./weights.json", import.meta.url), "utf8"));
}

export function unpack({ stages, sharpness }: Pick<Weights, "stages" | "sharpness">): Model {
  return { followUp: unpackStage(stages.followUp), kind: unpackStage(stages.kind), sharpness };
}

function unpackStage(packed: PackedStage): Stage {
  return {
    classes: packed.classes,
    gramScale: packed.gramScale,
    bias: new Float32Array(bytes(packed.bias)),
    signals: new Float32Array(bytes(packed.signals)),
    grams: new Int8Array(bytes(packed.grams)),
    forest: {
      roots: new Uint16Array(bytes(packed.roots)),
      feature: new Int16Array(bytes(packed.feature)),
      value: new Float32Array(bytes(packed.value)),
      right: new Uint16Array(bytes(packed.right)),
    },
  };
}

export function pack({ classes, gramScale, bias, signals, grams, forest }: Stage): PackedStage {
  return {
    classes,
    gramScale,
    bias: text(bias),
    signals: text(signals),
    grams: text(grams),
    roots: text(forest.roots),
    feature: text(forest.feature),
    value: text(forest.value),
    right: text(forest.right),
  };
}

export function unpackBackground({ within, coefficients, ...tables }: PackedBackground): Background {
  return {
    mean: new Float32Array(bytes(tables.mean)),
    spread: new Float32Array(bytes(tables.spread)),
    inverse: new Float32Array(bytes(tables.inverse)),
    centres: new Float32Array(bytes(tables.centres)),
    within,
    coefficients,
  };
}

export function packBackground({ mean, spread, inverse, centres, within, coefficients }: Background): PackedBackground {
  return {
    mean: text(mean),
    spread: text(spread),
    inverse: text(inverse),
    centres: text(centres),
    within,
    coefficients: [...coefficients],
  };
}

function bytes(base64: string): ArrayBuffer {
  const buffer = Buffer.from(base64, "base64");
  return buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength);
}

function text({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

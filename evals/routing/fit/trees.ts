import { softmax } from "conversation-channel-router/model.ts";

/** A tree in columns, one entry per node. A leaf has `feature` -1 and adds `value`; elsewhere, `x <= threshold` goes left. */
export interface Tree {
  feature: number[];
  threshold: number[];
  left: number[];
  right: number[];
  value: number[];
}

export interface Example {
  x: Float64Array;
  target: readonly number[];
  weight: number;
}

export interface Growth {
  classes: number;
  rounds: number;
  depth: number;
  rate: number;
  /** The L2 penalty on leaf values. */
  shrink: number;
  /** The minimum sum of second derivatives in a leaf. */
  minLeaf: number;
  /** The share of features that each tree may use. */
  share: number;
  seed: number;
}

/** Trains gradient-boosted trees (second order, softmax) on binned features. Returns a tree per round and class. */
export function boostedTrees(examples: readonly Example[], growth: Growth): Tree[][] {
  const { classes, rounds, rate, share } = growth;
  const random = generator(growth.seed);
  const bins = binned(examples);
  const scores = examples.map(() => new Float64Array(classes));
  const gradient = new Float64Array(examples.length);
  const curvature = new Float64Array(examples.length);
  const forest: Tree[][] = [];
  for (let round = 0; round < rounds; round++) {
    const probabilities = scores.map((row) => softmax(row.slice()));
    const grown: Tree[] = [];
    const rows = Int32Array.from(examples, (_, row) => row).filter(() => random() < 0.8);
    for (let k = 0; k < classes; k++) {
      for (const [row, { target, weight }] of examples.entries()) {
        const p = probabilities[row]?.[k] ?? 0;
        gradient[row] = weight * (p - (target[k] ?? 0));
        curvature[row] = weight * Math.max(1e-6, p * (1 - p));
      }
      const chosen = bins.edges.map((_, feature) => feature).filter(() => random() < share);
      const tree: Tree = { feature: [], threshold: [], left: [], right: [], value: [] };
      grow(tree, rows, growth.depth, { bins, chosen, gradient, curvature, growth });
      for (let node = 0; node < tree.value.length; node++) tree.value[node] = rate * (tree.value[node] ?? 0);
      for (const [row, example] of examples.entries()) {
        const score = scores[row];
        if (score) score[k] = (score[k] ?? 0) + leaf(tree, example.x);
      }
      grown.push(tree);
    }
    forest.push(grown);
  }
  return forest;
}

export function leaf({ feature, threshold, left, right, value }: Tree, x: Float64Array): number {
  let node = 0;
  while ((feature[node] ?? -1) >= 0)
    node = ((x[feature[node] ?? 0] ?? 0) <= (threshold[node] ?? 0) ? left[node] : right[node]) ?? 0;
  return value[node] ?? 0;
}

export function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Bins {
  /** The upper edges of each feature's bins, without the last one. */
  edges: number[][];
  /** The bin of each row, per feature. */
  bin: Uint8Array[];
}

function binned(examples: readonly Example[]): Bins {
  const width = examples[0]?.x.length ?? 0;
  const edges: number[][] = [];
  const bin: Uint8Array[] = [];
  for (let feature = 0; feature < width; feature++) {
    const values = [...new Set(examples.map(({ x }) => x[feature] ?? 0))].sort((a, b) => a - b);
    const step = Math.max(1, Math.floor(values.length / 24));
    const cuts: number[] = [];
    for (let i = step - 1; i < values.length - 1; i += step) cuts.push(((values[i] ?? 0) + (values[i + 1] ?? 0)) / 2);
    edges.push(cuts);
    bin.push(Uint8Array.from(examples, ({ x }) => cuts.filter((cut) => (x[feature] ?? 0) > cut).length));
  }
  return { edges, bin };
}

interface GrowContext {
  bins: Bins;
  chosen: number[];
  gradient: Float64Array;
  curvature: Float64Array;
  growth: Growth;
}

function grow(tree: Tree, rows: Int32Array, depth: number, context: GrowContext): number {
  const { bins, chosen, gradient, curvature, growth } = context;
  const own = {
    g: Float64Array.from(rows, (row) => gradient[row] ?? 0),
    h: Float64Array.from(rows, (row) => curvature[row] ?? 0),
  };
  const g = own.g.reduce((sum, one) => sum + one, 0);
  const h = own.h.reduce((sum, one) => sum + one, 0);
  const node = tree.value.length;
  tree.feature.push(-1);
  tree.threshold.push(0);
  tree.left.push(0);
  tree.right.push(0);
  tree.value.push(-g / (h + growth.shrink));
  if (depth === 0 || h < 2 * growth.minLeaf) return node;
  let best = { gain: 1e-4, feature: -1, cut: 0 };
  const whole = (g * g) / (h + growth.shrink);
  const sumG = new Float64Array(32);
  const sumH = new Float64Array(32);
  for (const feature of chosen) {
    const cuts = bins.edges[feature]?.length ?? 0;
    const bin = bins.bin[feature];
    if (cuts === 0 || !bin) continue;
    sumG.fill(0);
    sumH.fill(0);
    for (let i = 0; i < rows.length; i++) {
      const at = bin[rows[i] ?? 0] ?? 0;
      sumG[at] = (sumG[at] ?? 0) + (own.g[i] ?? 0);
      sumH[at] = (sumH[at] ?? 0) + (own.h[i] ?? 0);
    }
    let leftG = 0;
    let leftH = 0;
    for (let cut = 0; cut < cuts; cut++) {
      leftG += sumG[cut] ?? 0;
      leftH += sumH[cut] ?? 0;
      if (leftH < growth.minLeaf || h - leftH < growth.minLeaf) continue;
      const gain =
        (leftG * leftG) / (leftH + growth.shrink) + ((g - leftG) * (g - leftG)) / (h - leftH + growth.shrink) - whole;
      if (gain > best.gain) best = { gain, feature, cut };
    }
  }
  if (best.feature < 0) return node;
  const bin = bins.bin[best.feature];
  tree.feature[node] = best.feature;
  tree.threshold[node] = bins.edges[best.feature]?.[best.cut] ?? 0;
  tree.left[node] = grow(
    tree,
    rows.filter((row) => (bin?.[row] ?? 0) <= best.cut),
    depth - 1,
    context,
  );
  tree.right[node] = grow(
    tree,
    rows.filter((row) => (bin?.[row] ?? 0) > best.cut),
    depth - 1,
    context,
  );
  return node;
}

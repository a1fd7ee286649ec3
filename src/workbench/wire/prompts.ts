// What the channel `workbench:<conversation_id>` tells of prompts and graphs. The page imports these types, and none of the server's code.

export interface PromptFile {
  name: string;
  hash: string;
  description: string;
  /** The types of the engines that use it. Empty if several parts of the server do. */
  engines: string[];
  variables: readonly string[];
  source: string;
  fault: string | null;
}

/** A drawing of a graph. */
export interface Graph {
  /** `conversation`, or the engine's conversation type. */
  name: string;
  routed_to: string | null;
  mermaid: string;
  /** A node of a subgraph has the names of those around it: `outer:inner`. */
  nodes: string[];
  /** It runs inside its engine's node, which has a run of its own. */
  is_stock: boolean;
}

export interface FrontMatterKey {
  name: string;
  about: string;
}

export interface Prompts {
  can_edit: boolean;
  prompts: PromptFile[];
}

export interface Graphs {
  graphs: Graph[];
  graph_fault: string | null;
}

export type Joined = Prompts & Graphs & { models: string[]; front_matter: FrontMatterKey[] };

/** A problem in a prompt's text. Lines and columns begin at 1. */
export interface Problem {
  message: string;
  line: number;
  column: number;
  end_line: number;
  end_column: number;
}

/** A part of a diff: in both texts, only in the newer one (`added`), or only in the older one (`removed`). */
export interface Change {
  value: string;
  added?: true;
  removed?: true;
}

/** A line of a diff: in both texts (` `), only in the older one (`-`) or only in the newer one (`+`), with the words that differ. */
export interface LineChange {
  sign: " " | "-" | "+";
  parts: Change[];
}

/** A text with which a prompt answered a user's turns, and the time and cost of these answers. */
export interface Version {
  hash: string;
  /** Null if the reply would be too long. */
  source: string | null;
  is_current: boolean;
  turns: number;
  first_used: string | null;
  last_used: string | null;
  /** Per turn, over all its model calls; null if a price is unknown. */
  cost_usd: number | null;
  output_tokens: number | null;
  /** Medians. */
  first_word_ms: number | null;
  processing_time: number | null;
}

export interface Figures {
  conversation_type: string;
  model_used: string;
  input_tokens: number;
  output_tokens: number;
  llm_calls: number;
  processing_time: number;
  first_word_ms: number | null;
  cost_usd: number | null;
}

/** One turn of a prompt run. */
export interface RunRow {
  run_id: string;
  turn_id: string;
  query: string;
  before: Figures;
  after?: Figures;
  /** The share of words, from 0 to 1. */
  changed?: number;
  diff?: Change[] | null;
  failure?: { code: string; message: string };
}

export interface RunTotals {
  run_id: string;
  stopped: boolean;
  turns: number;
  answered: number;
  before: Figures;
  after: Figures;
}

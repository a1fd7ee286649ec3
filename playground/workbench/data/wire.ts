/** What the channel `workbench:<conversation_id>` sends; src/workbench has the other side. */

export interface PromptFile {
  name: string;
  hash: string;
  description: string;
  engines: string[];
  variables: string[];
  source: string;
  fault: string | null;
}

export interface Graph {
  name: string;
  routed_to: string | null;
  mermaid: string;
  nodes: string[];
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

/** A part of a diff. */
export interface Change {
  value: string;
  added?: true;
  removed?: true;
}

export interface LineChange {
  sign: " " | "-" | "+";
  parts: Change[];
}

interface Ids {
  turn_id: string;
  replay_id?: string;
  run_id: string;
  path: string[];
}

export type Started = Ids & { at: string; node?: string; input?: unknown };
export type Finished = Ids & { ms: number; node?: string; output?: unknown; error?: string };

/** One of a turn's events, as its record keeps them. */
export type RunEvent =
  | (Omit<Started, "turn_id"> & { event: "node_started" | "call_started" })
  | (Omit<Finished, "turn_id"> & { event: "node_finished" | "call_finished" });

export interface Routing {
  decided_by: "local" | "model" | "client" | "rule";
  confidence: number;
  reason: string;
}

export interface Metadata {
  processing_time?: number;
  model_used?: string;
  routing?: Routing;
  usage?: { input_tokens: number; output_tokens: number; llm_calls: number };
}

export interface Step {
  name: string;
  finding: unknown;
}

export interface Message {
  role: "user" | "assistant";
  content: string;
}

export interface RouterView {
  message: string;
  history: Message[];
  earlier_messages: number;
  context: Record<string, unknown>;
  chosen_engine: string | null;
  mode: "local" | "model" | "speculative";
  decision: { conversation_type: string | null; routing: Routing | null };
  local: {
    type: string;
    confidence: number;
    sure: boolean;
    threshold: number;
    probabilities: Record<string, number>;
    reasons: string[];
  };
  asked: unknown;
}

export interface TurnEntry {
  turn_id: string;
  query: string;
  response: string | null;
  conversation_type: string | null;
  status: string;
  timestamp: string;
  metadata: Metadata;
}

interface Inputs {
  turn: TurnEntry;
  cost: number | null;
  first_word_ms: number | null;
  steps: Step[];
  reasoning: string;
  prompts: { name: string; hash: string; source: string }[];
  memory: { messages: Message[]; summary: string } | null;
  request: Record<string, unknown>;
  nodes: string[];
}

/** The reply to `get_turn`. */
export type TurnRecord = Inputs & { router: RouterView | null; runs: RunEvent[] };

export interface ReplayResult {
  replay_id: string;
  turn_id: string;
  response: string;
  conversation_type: string;
  metadata: Metadata;
  cost: number | null;
  first_word_ms: number | null;
  steps: Step[];
  diff: { response: Change[] };
  original: Inputs;
}

export interface Version {
  hash: string;
  source: string | null;
  is_current: boolean;
  turns: number;
  first_used: string | null;
  last_used: string | null;
  cost_usd: number | null;
  output_tokens: number | null;
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

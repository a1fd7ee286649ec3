/**
 * What a server sent: every field that the contract knows, whichever event or reply has it. None of this is checked;
 * that a payload has the right ones is what the tests are about.
 */
export interface Payload {
  turn_id: string;
  conversation_id: string;
  session_id: string;
  user_id: string;
  last_turn_id: string | null;
  running_turn: { turn_id: string; query: string; offset: number } | null;
  warnings: string[];
  reason: string;
  message: string;
  details: { code: string; retry_after_ms: number; [other: string]: unknown };
  duplicate: boolean;
  position: number;
  replaces: string;
  stopped: boolean;
  stage: string;
  step: string;
  detail: unknown;
  offset: number;
  text: string;
  restart: boolean;
  query: string;
  response: string;
  conversation_type: string | null;
  routed_to: string | null;
  status: string;
  timestamp: string;
  metadata: Metadata;
  context: Record<string, unknown>;
  turns: Payload[];
  has_more: boolean;
  typing: boolean;
  /** Of the workbench. */
  can_edit: boolean;
  graphs: { name: string; mermaid: string; nodes: string[] }[];
  graph_fault: string | null;
  prompts: ShownPrompt[];
  conversations: { conversation_id: string; title: string }[];
  hash: string;
  line: string;
  replay_id: string;
  node: string;
  path: string[];
  output: { messages?: unknown[] };
  steps: { name: string; finding: unknown }[];
  nodes: string[];
  request: Record<string, unknown>;
  turn: Payload;
  original: Payload;
  diff: { response: { value: string; added?: true; removed?: true }[] };
  [other: string]: unknown;
}

export interface ShownPrompt {
  name: string;
  hash: string;
  source: string;
  engines: string[];
  fault: string | null;
}

export interface Metadata {
  processing_time: number;
  model_used: string;
  usage: { input_tokens: number; output_tokens: number; llm_calls: number };
  routing: { decided_by: string; confidence: number; reason: string };
  prompts: Record<string, string>;
  stopped: boolean;
  truncated: boolean;
  replaces: string;
  fallback_model: string;
  redelivered: boolean;
  steps: string[];
  analysis_points: string[];
  recommendations: string[];
  generated_code: string;
  implementation_plan: string[];
  root_cause: string;
  solution_steps: string[];
  standalone_question: string;
  [other: string]: unknown;
}

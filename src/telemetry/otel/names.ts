/**
 * The names of OpenTelemetry's semantic conventions that are used here, as of 1.45. Those of GenAI are not stable yet; the conventions advise
 * to copy them, since the package with all of them may change any name with any version.
 */
export const names = {
  operation: "gen_ai.operation.name",
  provider: "gen_ai.provider.name",
  agent: "gen_ai.agent.name",
  conversation: "gen_ai.conversation.id",
  requestModel: "gen_ai.request.model",
  temperature: "gen_ai.request.temperature",
  topP: "gen_ai.request.top_p",
  maxTokens: "gen_ai.request.max_tokens",
  isStreamed: "gen_ai.request.stream",
  responseModel: "gen_ai.response.model",
  finishReasons: "gen_ai.response.finish_reasons",
  firstChunk: "gen_ai.response.time_to_first_chunk",
  inputTokens: "gen_ai.usage.input_tokens",
  outputTokens: "gen_ai.usage.output_tokens",
  cacheReadTokens: "gen_ai.usage.cache_read.input_tokens",
  cacheCreationTokens: "gen_ai.usage.cache_creation.input_tokens",
  reasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  toolName: "gen_ai.tool.name",
  toolCall: "gen_ai.tool.call.id",
  toolType: "gen_ai.tool.type",
  inputMessages: "gen_ai.input.messages",
  outputMessages: "gen_ai.output.messages",
  systemInstructions: "gen_ai.system_instructions",
  toolArguments: "gen_ai.tool.call.arguments",
  toolResult: "gen_ai.tool.call.result",
  error: "error.type",
  session: "session.id",
  user: "user.id",
  serviceName: "service.name",
  serviceVersion: "service.version",
  serviceInstance: "service.instance.id",
} as const;

/** What the conventions have no name for. */
export const own = {
  turn: "turn.id",
  attempt: "turn.attempt",
  status: "turn.status",
  engine: "turn.engine",
  route: "turn.route",
  decidedBy: "turn.routing.decided_by",
  confidence: "turn.routing.confidence",
  queuedMs: "turn.queued_ms",
  calls: "turn.llm_calls",
  cost: "turn.cost_usd",
  fallback: "turn.fallback_model",
  node: "langgraph.node",
  earlier: "turn.earlier_attempt",
} as const;

const cut = new Set([
  "length",
  "max_tokens",
  "max_length",
  "max_output_tokens",
  "max_completion_tokens",
  "max_new_tokens",
  "model_length",
  "model_context_window_exceeded",
  "context_length",
  "context_length_exceeded",
  "length_limit",
  "token_limit",
  "token_limit_reached",
  "incomplete",
  "truncated",
]);

const refused = new Set([
  "content_filter",
  "content_filtered",
  "contentfilter",
  "content_policy",
  "content_policy_violation",
  "safety",
  "image_safety",
  "recitation",
  "image_recitation",
  "prohibited_content",
  "image_prohibited_content",
  "blocklist",
  "blocked",
  "spii",
  "refusal",
  "refused",
  "sensitive",
  "moderation",
  "guardrail_intervened",
  "guardrails",
  "guardrail",
  "responsible_ai_policy_violation",
  "responsibleaipolicyviolation",
]);

/** These end a reply that the model had not ended. */
const failed = new Set([
  "error",
  "failed",
  "failure",
  "network_error",
  "server_error",
  "internal_error",
  "insufficient_system_resource",
  "malformed_function_call",
  "unexpected_tool_call",
  "abort",
  "aborted",
  "cancelled",
  "canceled",
  "timeout",
]);

/** Gateways send these in every chunk. */
const none = new Set(["", "null", "none", "unspecified", "finish_reason_unspecified"]);

export type Finish = { type: "ended" | "cut" | "refused" | "failed"; reason: string };

/** Why a reply ended, by any name that servers have for it; undefined if it has not ended. */
export function finishOf(given: string): Finish | undefined {
  if (given === "stop") return { type: "ended", reason: given };
  const name = nameOf(given);
  if (none.has(name)) return undefined;
  if (cut.has(name)) return { type: "cut", reason: "length" };
  if (refused.has(name)) return { type: "refused", reason: "content_filter" };
  return { type: failed.has(name) ? "failed" : "ended", reason: name };
}

/** Whether an error's code or kind means that the server refused the content. */
export function isRefusal(code: string): boolean {
  return refused.has(nameOf(code)) && nameOf(code) !== "blocked";
}

/** `FinishReason.MAX_TOKENS` → `max_tokens` */
function nameOf(given: string): string {
  return given
    .slice(0, 100)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^(finish|stop)_?reason_(?!unspecified)|^_|_$/g, "");
}

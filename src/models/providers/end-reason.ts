type Fields = Record<string, unknown>;

const cut = new Set([
  "length",
  "max_tokens",
  "max_output_tokens",
  "model_length",
  "model_context_window_exceeded",
  "incomplete",
]);

const refused = new Set([
  "blocklist",
  "content_filter",
  "content_filtered",
  "error_toxic",
  "guardrail_intervened",
  "image_safety",
  "prohibited_content",
  "recitation",
  "refusal",
  "safety",
  "spii",
]);

/** Not reasons, although they stand in their place. */
const none = new Set(["", "null", "finish_reason_unspecified"]);

/** Why a reply ended, by the metadata of a chunk; undefined while it goes on. */
export function endOf(facts: Fields): "stop" | "length" | "refused" | undefined {
  const { stopReason } = (facts.messageStop ?? {}) as Fields; // Bedrock
  const names = [facts.finish_reason, facts.stop_reason, facts.finishReason, facts.done_reason, facts.stopReason];
  const told = [...names, stopReason].find((reason) => typeof reason === "string" && !none.has(reason.toLowerCase()));
  if (typeof told !== "string") return undefined;
  const reason = told.toLowerCase();
  if (refused.has(reason)) return "refused";
  return cut.has(reason) ? "length" : "stop";
}

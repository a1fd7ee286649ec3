import { isFields } from "../http/error-text.ts";
import { broken, refused } from "./piece.ts";

/** How deep parts are wrapped in parts, at most. */
const maxDepth = 4;

export interface Said {
  text: string;
  reasoning: string;
}

/** What the `content` of a message says: a text, a part or a list of parts. Throws a ModelFailure if it is something else. */
export function saidIn(content: unknown): Said {
  const said: Said = { text: "", reasoning: "" };
  if (typeof content === "string") said.text = content;
  else add(said, content, "text", maxDepth);
  return said;
}

/** What a message tells about the model's thinking, beside its content. Servers that send it twice, in two fields, mean it once. */
export function reasoningIn(message: Record<string, unknown>): string {
  const { reasoning_content, reasoning, thinking, reasoning_text, reasoning_details } = message;
  if (!(reasoning_content || reasoning || thinking || reasoning_text || reasoning_details)) return "";
  for (const candidate of [reasoning_content, reasoning, thinking, reasoning_text, reasoning_details]) {
    if (!candidate || typeof candidate === "boolean") continue;
    const said: Said = { text: "", reasoning: "" };
    add(said, candidate, "reasoning", maxDepth);
    if (said.reasoning !== "") return said.reasoning;
  }
  return "";
}

function add(said: Said, value: unknown, as: keyof Said, depth: number): void {
  if (value === null || value === undefined) return;
  if (typeof value === "string") said[as] += value;
  else if (depth === 0 || typeof value !== "object") {
    if (as === "text") throw broken("The reply has malformed content.");
  } else if (Array.isArray(value)) for (const part of value) add(said, part, as, depth - 1);
  else if (isFields(value)) addPart(said, value, as, depth - 1);
}

/** A part that is neither text nor reasoning, such as an image, says nothing. */
function addPart(said: Said, part: Record<string, unknown>, as: keyof Said, depth: number): void {
  const kind = typeof part.type === "string" ? part.type : "";
  if (as === "reasoning" || /^(thinking|reasoning|thought)/.test(kind)) {
    add(said, part.thinking ?? part.reasoning ?? part.text ?? part.summary ?? part.content, "reasoning", depth);
  } else if (kind === "" || kind === "text" || kind === "output_text") {
    add(said, part.text ?? part.content ?? part.value, "text", depth);
  } else if (kind === "refusal") throw refused();
}

/** In UTF-16 units. What a model gets of a tool's result. */
const maxResultUnits = 64_000;

/** A piece of a tool's result, as `@langchain/mcp-adapters` makes them. */
interface Block {
  type: string;
  text?: unknown;
  url?: unknown;
  data?: unknown;
  mime_type?: unknown;
}

/** A tool's result as text: no model server takes other things as results of tools. */
export function resultText(content: unknown): string {
  const text = typeof content === "string" ? content : blocksOf(content).map(blockText).join("\n");
  if (text.length <= maxResultUnits) return text.toWellFormed();
  const cut = text.slice(0, maxResultUnits).toWellFormed();
  return `${cut}\n[The result was cut here. It has ${text.length} characters, of which ${cut.length} are shown.]`;
}

function blocksOf(content: unknown): Block[] {
  const blocks = Array.isArray(content) ? content : [content];
  return blocks.filter((block): block is Block => typeof block === "object" && block !== null && "type" in block);
}

function blockText({ type, text, url, data, mime_type }: Block): string {
  if (typeof text === "string") return text;
  if (typeof url === "string") return url;
  const bytes = typeof data === "string" ? `, ${Math.floor((data.length * 3) / 4)} bytes` : "";
  return `[${type}${typeof mime_type === "string" ? ` ${mime_type}` : ""}${bytes}: it cannot be shown here]`;
}

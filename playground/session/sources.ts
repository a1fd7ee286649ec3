import type { Source, TurnState } from "conversation-channel-client";

export function sourcesOf({ parts }: TurnState): readonly Source[] {
  return parts.find((part) => part.type === "sources")?.sources ?? none;
}

const none: readonly Source[] = [];

/** An answer as Markdown, with its sources as a numbered list. */
export function answerMarkdown(turn: TurnState): string {
  const sources = sourcesOf(turn);
  if (sources.length === 0) return turn.text;
  const lines = sources.map((source, at) => `${at + 1}. ${linkOf(source)}`);
  return `${turn.text.trimEnd()}\n\n**Sources**\n\n${lines.join("\n")}\n`;
}

function linkOf({ title, url, quote }: Source): string {
  const address = safeAddress(url);
  const words = oneLine(title).replace(/[\\[\]*_`<>]/g, "\\$&");
  const link = address ? `[${words || address}](${address.replaceAll("(", "%28").replaceAll(")", "%29")})` : words;
  return quote ? `${link}: “${oneLine(quote)}”` : link;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** An address that may be linked; undefined if it is of another scheme or is none. */
export function safeAddress(url: string | undefined): string | undefined {
  return url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url) ? new URL(url).href : undefined;
}

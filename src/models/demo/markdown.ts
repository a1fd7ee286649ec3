export function fenced(language: string, code: string): string {
  return `\`\`\`${language}\n${code.trim()}\n\`\`\``;
}

export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

export function bulleted(items: string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}

export function numbered(items: string[]): string {
  return items.map((item, index) => `${index + 1}. ${item}`).join("\n");
}

export function paragraphs(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** In quotation marks, on one line, cut to `limit` UTF-16 units. */
export function quoted(text: string, limit = 80): string {
  const line = text.replace(/\s+/g, " ").trim();
  return `“${line.length > limit ? `${line.slice(0, limit - 1).toWellFormed()}…` : line}”`;
}

const maxCharacters = 90;

/** A value in one line. */
export function preview(value: unknown): string {
  const words = isObject(value)
    ? Object.entries(value)
        .map(([key, inner]) => `${key}: ${inline(inner)}`)
        .join(", ")
    : inline(value);
  const line = words.replace(/\s+/g, " ").trim();
  return line.length > maxCharacters ? `${line.slice(0, maxCharacters)}…` : line;
}

function inline(value: unknown): string {
  return typeof value === "string" ? value.slice(0, maxCharacters * 2) : (JSON.stringify(value) ?? "");
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

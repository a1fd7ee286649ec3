/** Parses a JSON object. Empty text is an empty object; undefined if the text is anything else. */
export function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

export function writtenObject(object: object): string {
  return JSON.stringify(object, null, 2);
}

/** A JSON object as one writes it by hand; nothing at all is an empty one, anything else undefined. */
export function readObject(text) {
  try {
    const value = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writtenObject(object) {
  return JSON.stringify(object, null, 2);
}

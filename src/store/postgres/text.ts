/** Free text as a JSON string: a column of text cannot contain NUL. */
export function asText(text: string): string {
  return JSON.stringify(text);
}

export function textOf(column: string): string {
  return JSON.parse(column);
}

/** An id that came from a client, to be compared with a column. One with NUL is nobody's. */
export function idIn(id: string): string | null {
  return id.includes("\0") ? null : id;
}

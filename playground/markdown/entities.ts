/** A character reference such as `&amp;` or `&#38;`. */
const entity = /&(?:[a-z][a-z0-9]{1,31}|#\d{1,7}|#x[\da-f]{1,6});/gi;

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string };
}

/** The browser decodes named references, but parses HTML only through this policy, which accepts nothing but a single reference. */
const only = {
  createHTML(text: string): string {
    if (text.replace(entity, "") !== "") throw new TypeError("This is more than a character reference.");
    return text;
  },
};
const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
const policy = trustedTypes?.createPolicy("entities", only) ?? only;
const reader = document.createElement("textarea");
const known = new Map<string, string>();

/** Decodes the character references in a text. */
export function decoded(text: string): string {
  return text.includes("&") ? text.replace(entity, character) : text;
}

function character(reference: string): string {
  const before = known.get(reference);
  if (before !== undefined) return before;
  reader.innerHTML = policy.createHTML(reference);
  known.set(reference, reader.value);
  return reader.value;
}

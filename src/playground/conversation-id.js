/** The conversation named in the address, or a new one, which is then named there. */
export function conversationId() {
  const url = new URL(location.href);
  const named = url.searchParams.get("conversation");
  if (named) return named;
  const id = randomId();
  url.searchParams.set("conversation", id);
  history.replaceState(null, "", url);
  return id;
}

/** 96 random bits. `crypto.randomUUID` is missing where the page comes over plain HTTP from another machine. */
export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const parameter = "conversation";

/** The conversation named in the address, or a new one, which is then named there. */
export function conversationId() {
  const named = new URL(location.href).searchParams.get(parameter);
  if (named) return named;
  const id = randomId();
  history.replaceState(null, "", addressOf(id));
  return id;
}

/** Where this page shows that conversation. */
export function addressOf(id) {
  const url = new URL(location.href);
  url.searchParams.set(parameter, id);
  return url.href;
}

/** 96 random bits. `crypto.randomUUID` is missing where the page comes over plain HTTP from another machine. */
export function randomId() {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const parameter = "conversation";

/** The conversation ID in the page's URL. If there is none, adds a new one. */
export function idInAddress(): { id: string; isNew: boolean } {
  const named = new URL(location.href).searchParams.get(parameter);
  if (named) return { id: named, isNew: false };
  const id = randomId();
  history.replaceState(null, "", addressOf(id));
  return { id, isNew: true };
}

/** The URL of a conversation on this page. */
export function addressOf(id: string): string {
  const url = new URL(location.href);
  url.searchParams.set(parameter, id);
  return url.href;
}

/** 96 random bits in hex. `crypto.randomUUID` does not exist on pages over plain HTTP. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

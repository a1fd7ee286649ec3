/** Where this tab keeps it. */
export const storedKey = "api_key";

/** The key of this tab. A link's `#api_key=…` comes first, and leaves the address bar at once. */
export function apiKey() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("api_key");
  if (linked !== null) {
    sessionStorage.setItem(storedKey, linked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(storedKey);
}

/** A link with another key, opened in this tab, changes nothing but the hash: begin again with it. */
export function watchLinks() {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#api_key=")) location.reload();
  });
}

/** The key's name in `sessionStorage`. */
export const storedKey = "api_key";

/** This tab's API key. A key in the link (`#api_key=…`) takes precedence and is removed from the address bar. */
export function apiKey() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("api_key");
  if (linked !== null) {
    sessionStorage.setItem(storedKey, linked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(storedKey);
}

/** Reloads the page when a link with another key is opened in this tab, since that only changes the hash. */
export function watchLinks() {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#api_key=")) location.reload();
  });
}

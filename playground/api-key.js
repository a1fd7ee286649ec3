import { tabStore } from "./storage.js";
import { forgetUnsent } from "./unsent.js";

const stored = "api_key";

/** This tab's API key. A key in the link (`#api_key=…`) takes precedence and is removed from the address bar. */
export function apiKey() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("api_key");
  if (linked !== null) {
    if (![null, linked].includes(tabStore.read(stored))) forgetUnsent();
    keepKey(linked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return tabStore.read(stored);
}

export function keepKey(key) {
  tabStore.write(stored, key);
}

export function forgetKey() {
  tabStore.remove(stored);
}

/** Reloads the page when a link with another key is opened in this tab, since that only changes the hash. */
export function watchLinks() {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#api_key=")) location.reload();
  });
}

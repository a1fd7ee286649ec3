const stored = "api_key";

/** The key of this tab. A link's `#api_key=…` comes first, and leaves the address bar at once. */
export function apiKey() {
  const linked = new URLSearchParams(location.hash.slice(1)).get("api_key");
  if (linked !== null) {
    sessionStorage.setItem(stored, linked);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(stored);
}

/** A link with another key, opened in this tab, changes nothing but the hash: begin again with it. */
export function watchLinks() {
  addEventListener("hashchange", () => {
    if (location.hash.startsWith("#api_key=")) location.reload();
  });
}

/** Asks for a key, and begins again with it. `problem` says what was wrong with the last one. */
export function askForKey(problem) {
  sessionStorage.removeItem(stored);
  const form = document.querySelector("#key-form");
  const input = document.querySelector("#key");
  document.querySelector("#key-problem").textContent = problem;
  document.body.classList.add("locked");
  form.hidden = false;
  input.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(stored, input.value.trim());
    location.reload();
  });
}

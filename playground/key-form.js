import { storedKey } from "./api-key.js";

/** Asks for an API key and reloads the page with it. `problem` says why the last key failed. */
export function askForKey(problem) {
  sessionStorage.removeItem(storedKey);
  const form = document.querySelector("#key-form");
  const input = document.querySelector("#key");
  document.querySelector("#key-problem").textContent = problem;
  document.body.classList.add("locked");
  form.hidden = false;
  input.focus();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(storedKey, input.value.trim());
    location.reload();
  });
}

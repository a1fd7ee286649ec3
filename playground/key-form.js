import { forgetKey, keepKey } from "./api-key.js";

/** Asks for an API key. `problem` says why the last key failed. Resolves to the key. */
export function askForKey(problem) {
  forgetKey();
  const form = document.querySelector("#key-form");
  const input = document.querySelector("#key");
  document.querySelector("#key-problem").textContent = problem;
  show(true);
  input.value = "";
  input.focus();

  function show(isOpen) {
    document.body.classList.toggle("locked", isOpen);
    form.hidden = !isOpen;
  }

  return new Promise((resolve) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      const key = input.value.trim();
      keepKey(key);
      show(false);
      resolve(key);
    };
  });
}

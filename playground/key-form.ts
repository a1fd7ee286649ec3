import { useLayoutEffect, useRef } from "preact/hooks";

import { html } from "./html.ts";
import { enterKey, keyProblem } from "./session/api-key.ts";

/** Asks for an API key. */
export function KeyForm() {
  const field = useRef<HTMLInputElement>(null);
  const problem = keyProblem.value;
  useLayoutEffect(() => field.current?.focus(), []);

  function submit(event: Event) {
    event.preventDefault();
    const key = field.current?.value.trim();
    if (key) enterKey(key);
  }
  return html`<main id="log">
    <form id="key-form" onSubmit=${submit}>
      <h2>Enter an API key</h2>
      <p>A server without API_KEYS prints a link with a new key when it starts. Open that link, or paste the key here.</p>
      <p id="key-problem" role="alert">${problem}</p>
      <label for="key">API key</label>
      <div class="row">
        <input id="key" ref=${field} type="password" autocomplete="off" spellcheck=${false} required />
        <button class="primary" type="submit">Connect</button>
      </div>
    </form>
  </main>`;
}

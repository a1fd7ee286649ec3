import { useState } from "preact/hooks";

import { html } from "../../html.ts";
import { ValueBlock } from "../../parts/value-block.ts";
import { readJson } from "./read-json.ts";
import type { Send } from "./request-kind.ts";
import { TextAnswer } from "./text-answer.ts";

interface ValueFormProps {
  value: unknown;
  send: Send;
}

/** Any value that a graph asks with, and a field for text or JSON. */
export function ValueForm({ value, send }: ValueFormProps) {
  const [isJson, setJson] = useState(false);
  const problemOf = (text: string) => (isJson ? (readJson(text).problem ?? "") : "");
  const answer = (text: string) => send(isJson ? readJson(text).value : text, "Answered");
  return html`<p class="asks">The graph asks for an answer</p>
    <${ValueBlock} label="Asked" value=${value} />
    <${TextAnswer} label="Your answer" send=${answer} problemOf=${problemOf}>
      <label>
        <input type="checkbox" checked=${isJson} onChange=${() => setJson(!isJson)} /> Send as JSON
      </label>
    <//>`;
}

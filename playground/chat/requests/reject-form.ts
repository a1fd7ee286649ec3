import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { html } from "../../html.ts";
import type { Decision } from "./request-kind.ts";

interface RejectFormProps {
  decide: (decision: Decision) => void;
  cancel: () => void;
}

/** Asks why a call is rejected. The reason may be empty. */
export function RejectForm({ decide, cancel }: RejectFormProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [reason, setReason] = useState("");
  useLayoutEffect(() => field.current?.focus(), []);

  function submit(event: Event) {
    event.preventDefault();
    decide({ type: "reject", message: reason.trim() });
  }
  return html`<form onSubmit=${submit}>
    <label>
      <span class="quiet">Reason, which the model reads (optional)</span>
      <textarea
        ref=${field}
        rows="2"
        dir="auto"
        value=${reason}
        onInput=${({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => setReason(currentTarget.value)}
      ></textarea>
    </label>
    <div class="row">
      <button type="submit" class="bad">Reject</button>
      <button type="button" onClick=${cancel}>Cancel</button>
    </div>
  </form>`;
}

import type { ConversationError } from "conversation-channel-client";
import { useState } from "preact/hooks";

import { html } from "../html.ts";

/** Details that only the server's operator gets. */
interface Operator {
  message: string;
  help?: string;
  model?: string;
  address?: string;
  status?: number;
}

interface ProblemProps {
  error: ConversationError | undefined;
  /** It has failed just now. */
  isNew: boolean;
  retry: () => void;
}

/** Why a turn failed, and what to do. */
export function Problem({ error, isNew, retry }: ProblemProps) {
  const [isTrying, setTrying] = useState(false);
  const { message = "This turn failed.", code, details } = error ?? {};
  const operator = details?.operator as Operator | undefined; // the server's own

  function press() {
    setTrying(true);
    retry();
  }
  return html`<div class="problem">
    <p role=${isNew ? "alert" : undefined}>${message}${code && html`<span class="code">${code}</span>`}</p>
    ${operator && html`<${ForOperator} ...${operator} />`}
    <button type="button" class="retry" disabled=${isTrying} onClick=${press}>Retry</button>
  </div>`;
}

function ForOperator({ message, help, model, address, status }: Operator) {
  const facts = [model, address, status && `status ${status}`].filter(Boolean).join(" · ");
  return html`<div class="operator">
    ${help && html`<p class="help">${help}</p>`}
    <p class="said">The model server: <q>${message}</q></p>
    ${facts && html`<p class="facts-line">${facts}</p>`}
  </div>`;
}

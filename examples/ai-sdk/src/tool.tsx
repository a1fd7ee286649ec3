import type { DynamicToolUIPart } from "ai";
import type { ConversationDataParts } from "conversation-channel-client/ai-sdk";
import { useState } from "react";

import { chat, support } from "./chat";

/** A tool call. The first device that decides counts. */
export function Tool({ part }: { part: DynamicToolUIPart }) {
  const { toolName, input, state } = part;
  return (
    <div className="tool" data-state={state}>
      {toolName} {JSON.stringify(input)}
      {state === "approval-requested" && <Approval id={part.approval.id} />}
      {state === "output-available" && <p>{String(part.output)}</p>}
      {state === "output-error" && <p role="alert">{part.errorText}</p>}
    </div>
  );
}

function Approval({ id }: { id: string }) {
  const [reason, setReason] = useState("");
  const decide = (approved: boolean) => void chat.addToolApprovalResponse({ id, approved, reason });
  return (
    <section className="request" aria-label="Your answer is needed">
      <input aria-label="Reason" value={reason} onChange={({ target }) => setReason(target.value)} />
      <button type="button" onClick={() => decide(false)}>
        Reject
      </button>
      <button type="button" onClick={() => decide(true)}>
        Approve
      </button>
    </section>
  );
}

/** What else a graph asks. Show it as your graph means it; here it is JSON. */
export function Request({ data, turnId }: { data: ConversationDataParts["request"]; turnId: string }) {
  const [problem, setProblem] = useState<string>();
  const { interrupt_id, value, status } = data;
  if (status !== "open" || (typeof value === "object" && value !== null && "actionRequests" in value)) return null;

  function answer(form: FormData) {
    const responses = [{ interrupt_id, value: form.get("answer") }];
    support.respond(turnId, responses).catch((error: Error) => setProblem(error.message));
  }

  return (
    <form className="request" action={answer}>
      <p>{typeof value === "string" ? value : JSON.stringify(value)}</p>
      <input name="answer" aria-label="Answer" />
      <button type="submit">Answer</button>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </form>
  );
}

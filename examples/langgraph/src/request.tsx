import type { ConversationValues } from "conversation-channel-client/langgraph";
import { useState } from "react";

interface Props {
  request: ConversationValues["requests"][number];
  respond: (answer: unknown) => Promise<void>;
}

/** A question to a person, on all of the user's devices. The first answer counts. */
export function Request({ request, respond }: Props) {
  const [problem, setProblem] = useState<string>();
  const actions = actionsOf(request.value);

  async function answer(value: unknown) {
    try {
      await respond(value);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  return (
    <section className="request" aria-label="Your answer is needed">
      {actions ? <Approval actions={actions} answer={answer} /> : <Question value={request.value} answer={answer} />}
      {problem !== undefined && <p role="alert">{problem}</p>}
    </section>
  );
}

interface Action {
  name: string;
  args: unknown;
}

/** The tool calls that LangChain's human-in-the-loop middleware asks about. */
function actionsOf(value: unknown): Action[] | undefined {
  return typeof value === "object" && value !== null && "actionRequests" in value
    ? (value.actionRequests as Action[])
    : undefined;
}

function Approval({ actions, answer }: { actions: Action[]; answer: (value: unknown) => void }) {
  const [reason, setReason] = useState("");
  const decide = (decision: object) => answer({ decisions: actions.map(() => decision) });
  return (
    <>
      {actions.map(({ name, args }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: The list never changes.
        <p key={index} className="tool">
          {name} {JSON.stringify(args)}
        </p>
      ))}
      <input aria-label="Reason" value={reason} onChange={({ target }) => setReason(target.value)} />
      <button type="button" onClick={() => decide({ type: "reject", message: reason })}>
        Reject
      </button>
      <button type="button" onClick={() => decide({ type: "approve" })}>
        Approve
      </button>
    </>
  );
}

/** What else a graph asks. Show it as your graph means it; here it is JSON. */
function Question({ value, answer }: { value: unknown; answer: (value: unknown) => void }) {
  return (
    <form action={(form) => answer(form.get("answer"))}>
      <p>{typeof value === "string" ? value : JSON.stringify(value)}</p>
      <input name="answer" aria-label="Answer" />
      <button type="submit">Answer</button>
    </form>
  );
}

import { AIMessage, type BaseMessage } from "@langchain/core/messages";
import { type UseStreamReturn, useMessageMetadata } from "@langchain/react";
import type { ConversationValues } from "conversation-channel-client/langgraph";
import { useState } from "react";

interface Props {
  stream: UseStreamReturn<ConversationValues>;
  message: BaseMessage;
}

export function Message({ stream, message }: Props) {
  const forkFrom = useMessageMetadata(stream, message.id)?.parentCheckpointId;
  const turn = stream.values.turns.find(({ question, answer }) => question === message.id || answer === message.id);
  if (message.type === "human") {
    const steps = turn?.steps ?? [];
    return (
      <article>
        <Question
          text={message.text}
          edit={(content) => stream.submit({ messages: [{ type: "human", content }] }, { forkFrom })}
        />
        {steps.map(({ step, status }) => (
          <p key={step} className="step" data-status={status}>
            {step}
          </p>
        ))}
        {turn?.status === "failed" && <p role="alert">{turn.error?.message}</p>}
      </article>
    );
  }
  if (message.type === "tool" || isCall(message)) {
    return <p className="tool">{message.type === "tool" ? message.text : callOf(message)}</p>;
  }
  return (
    <article data-role="assistant" data-status={turn?.status}>
      {message.contentBlocks.map((block, index) =>
        block.type === "reasoning" ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: blocks are only added at the end
          <p key={index} className="reasoning">
            {block.reasoning}
          </p>
        ) : null,
      )}
      <p className="text">{message.text}</p>
      <button type="button" onClick={() => stream.submit(null, { forkFrom })}>
        Regenerate
      </button>
    </article>
  );
}

const isCall = (message: BaseMessage) => AIMessage.isInstance(message) && (message.tool_calls?.length ?? 0) > 0;

function callOf(message: BaseMessage): string {
  const calls = AIMessage.isInstance(message) ? (message.tool_calls ?? []) : [];
  return calls.map(({ name, args }) => `${name} ${JSON.stringify(args)}`).join("\n");
}

function Question({ text, edit }: { text: string; edit: (content: string) => void }) {
  const [draft, setDraft] = useState<string>();
  if (draft === undefined) {
    return (
      <>
        <p className="question">{text}</p>
        <button type="button" className="edit" onClick={() => setDraft(text)}>
          Edit
        </button>
      </>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        edit(draft);
        setDraft(undefined);
      }}
    >
      <input aria-label="Edited message" value={draft} onChange={({ target }) => setDraft(target.value)} />
      <button type="submit">Send again</button>
    </form>
  );
}

import type { Conversation, Part, TurnState } from "conversation-channel-client";
import { useTurn } from "conversation-channel-client/react";
import { memo } from "react";

/** Renders again only when its own turn changes. */
export const TurnView = memo(function TurnView({ conversation, turnKey }: Props) {
  const turn = useTurn(conversation, turnKey);
  if (!turn) return null;
  const { status, turn_id, query, parts, error } = turn;
  const isOver = ["completed", "stopped", "failed"].includes(status);
  return (
    <article data-status={status}>
      <p className="question">{query}</p>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: Parts are only added, at the end.
        <PartView key={index} part={part} />
      ))}
      {parts.length === 0 && !isOver && status !== "refused" && <p className="stage">{stageOf(turn)} …</p>}
      {error && <p role="alert">{error.message}</p>}
      {(status === "failed" || status === "refused") && (
        <button type="button" onClick={() => conversation.store.retry(turnKey)}>
          Try again
        </button>
      )}
      {(status === "completed" || status === "stopped") && (
        <button type="button" onClick={() => conversation.regenerate({ turn_id })}>
          Answer again
        </button>
      )}
    </article>
  );
});

interface Props {
  conversation: Conversation;
  turnKey: string;
}

/** For what graphs ask and cite, see the package's README. */
function PartView({ part }: { part: Part }) {
  if (part.type === "text") return <p className="answer">{part.text}</p>;
  if (part.type === "reasoning") return <p className="reasoning">{part.text}</p>;
  if (part.type === "step") return <Step name={part.step} status={part.status} />;
  if (part.type === "tool") return <Step name={part.tool_name} status={part.status} />;
  return null;
}

function Step({ name, status }: { name: string; status: string }) {
  return (
    <p className="step" data-status={status}>
      {name.replaceAll("_", " ")}
    </p>
  );
}

function stageOf({ status, stage }: TurnState): string {
  if (status === "sending") return "Sending";
  if (status === "queued") return "Waiting";
  return stage === "answering" ? "Answering" : "Thinking";
}

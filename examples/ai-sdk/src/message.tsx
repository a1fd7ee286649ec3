import type { ConversationUIMessage } from "conversation-channel-client/ai-sdk";
import { useState } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";

import "./message.css";
import { Request, Tool } from "./tool";

type Part = ConversationUIMessage["parts"][number];

interface QuestionProps {
  message: ConversationUIMessage;
  onEdit: (text: string) => void;
}

export function Question({ message: { parts, metadata }, onEdit }: QuestionProps) {
  const [isEditing, setEditing] = useState(false);
  const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");

  function save(form: FormData) {
    setEditing(false);
    onEdit(String(form.get("text")));
  }

  if (isEditing) {
    return (
      <form action={save}>
        <input name="text" aria-label="Edited message" defaultValue={text} />
        <button type="button" onClick={() => setEditing(false)}>
          Cancel
        </button>
        <button type="submit">Send again</button>
      </form>
    );
  }
  return (
    <article data-role="user">
      <p className="question">{text}</p>
      {metadata?.status === "refused" && <p role="alert">{metadata.error?.message}</p>}
      <button type="button" onClick={() => setEditing(true)}>
        Edit
      </button>
    </article>
  );
}

interface AnswerProps {
  message: ConversationUIMessage;
  onRegenerate: () => void;
}

export function Answer({ message: { parts, metadata }, onRegenerate }: AnswerProps) {
  const isOver = metadata?.status === "completed" || metadata?.status === "stopped" || metadata?.status === "failed";
  return (
    <article data-role="assistant" data-status={metadata?.status} data-turn={metadata?.turn_id}>
      {parts.map((part, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: A part stays in its place.
        <AnswerPart key={index} part={part} turnId={metadata?.turn_id ?? ""} />
      ))}
      {metadata?.status === "queued" && <p className="stage">Waiting …</p>}
      {metadata?.error && <p role="alert">{metadata.error.message}</p>}
      {isOver && (
        <>
          <button type="button" onClick={onRegenerate}>
            Regenerate
          </button>{" "}
          <Cost metadata={metadata} />
        </>
      )}
    </article>
  );
}

function AnswerPart({ part, turnId }: { part: Part; turnId: string }) {
  switch (part.type) {
    case "text":
      return (
        <div className="text">
          <Markdown remarkPlugins={[remarkGfm]}>{part.text}</Markdown>
        </div>
      );
    case "reasoning":
      return <p className="reasoning">{part.text}</p>;
    case "data-route":
      return <p className="stage">{part.data.routed_to?.replaceAll("_", " ")}</p>;
    case "data-step":
      return (
        <p className="step" data-status={part.data.status}>
          {part.data.step.replaceAll("_", " ")}
        </p>
      );
    case "dynamic-tool":
      return <Tool part={part} />;
    case "data-request":
      return <Request data={part.data} turnId={turnId} />;
    case "source-url":
      return (
        <p className="stage">
          <a href={part.url}>{part.title ?? part.url}</a>
        </p>
      );
    case "source-document":
      return <p className="stage">{part.title}</p>;
    default:
      return null;
  }
}

function Cost({
  metadata: { model_used, usage, stopped },
}: {
  metadata: NonNullable<ConversationUIMessage["metadata"]>;
}) {
  const facts = [
    stopped && "stopped",
    model_used,
    usage && `${usage.input_tokens + usage.output_tokens} tokens`,
    usage?.cost_usd !== undefined && `$${usage.cost_usd.toPrecision(2)}`,
  ];
  return <span className="stage">{facts.filter(Boolean).join(" · ")}</span>;
}

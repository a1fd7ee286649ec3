import type { Conversation, ConversationOutline } from "conversation-channel-client";
import { useOpenConversation, useOutline } from "conversation-channel-client/react";
import { type FormEvent, useState } from "react";

import { TurnView } from "./turn";

export function Chat({ id }: { id: string }) {
  const conversation = useOpenConversation(id);
  const { connection, turnKeys, running_turn, hasEarlier } = useOutline(conversation);
  return (
    <main>
      <h1>Chat</h1>
      <Notice connection={connection} />
      {hasEarlier && (
        <button type="button" onClick={() => conversation.store.loadEarlier()}>
          Earlier messages
        </button>
      )}
      <div className="turns" aria-live="polite">
        {turnKeys.map((key) => (
          <TurnView key={key} conversation={conversation} turnKey={key} />
        ))}
      </div>
      <Composer conversation={conversation} isRunning={running_turn !== undefined} />
    </main>
  );
}

function Notice({ connection }: Pick<ConversationOutline, "connection">) {
  if (connection.state === "reconnecting") return <p role="status">The connection is lost. Reconnecting …</p>;
  if (connection.state === "refused") return <p role="alert">{connection.error.message}</p>;
  return null;
}

function Composer({ conversation, isRunning }: { conversation: Conversation; isRunning: boolean }) {
  const [content, setContent] = useState("");

  function send(event: FormEvent) {
    event.preventDefault();
    if (content.trim() === "") return;
    conversation.ask(content);
    setContent("");
  }

  return (
    <form onSubmit={send}>
      <input
        aria-label="Message"
        placeholder="Ask anything"
        value={content}
        onChange={({ target }) => setContent(target.value)}
      />
      {isRunning && (
        <button type="button" onClick={() => conversation.stop()}>
          Stop
        </button>
      )}
      <button type="submit">Send</button>
    </form>
  );
}

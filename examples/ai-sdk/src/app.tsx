import { useChat } from "@ai-sdk/react";
import { useSyncExternalStore } from "react";

import { chat, support } from "./chat";
import { Composer } from "./composer";
import { Answer, Question } from "./message";

const { outline } = support.store;

export function App() {
  const { messages, sendMessage, regenerate, stop, status, error } = useChat({ chat });
  const { connection, hasEarlier } = useSyncExternalStore(outline.subscribe, outline.getSnapshot);
  const isBusy = status === "submitted" || status === "streaming";
  const isShown = messages.some(({ metadata }) => metadata?.error?.message === error?.message);

  return (
    <main>
      <h1>Chat</h1>
      {connection.state === "reconnecting" && <p role="status">The connection is lost. Reconnecting …</p>}
      {connection.state === "refused" && <p role="alert">{connection.error.message}</p>}
      {hasEarlier && (
        <button type="button" onClick={() => void support.store.loadEarlier()}>
          Earlier messages
        </button>
      )}
      <div className="turns" aria-live="polite">
        {messages.map((message) =>
          message.role === "user" ? (
            <Question
              key={message.id}
              message={message}
              onEdit={(text) => void sendMessage({ text, messageId: message.id })}
            />
          ) : (
            <Answer
              key={message.id}
              message={message}
              onRegenerate={() => void regenerate({ messageId: message.id })}
            />
          ),
        )}
        {error && !isShown && <p role="alert">{error.message}</p>}
      </div>
      <Composer isBusy={isBusy} onSend={(text) => void sendMessage({ text })} onStop={() => void stop()} />
    </main>
  );
}

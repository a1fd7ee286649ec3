import {
  ActionBarPrimitive,
  ComposerPrimitive,
  MessagePrimitive,
  ThreadPrimitive,
  useAuiState,
} from "@assistant-ui/react";
import { useLangChainError, useLangChainState } from "@assistant-ui/react-langchain";
import type { ConversationValues } from "conversation-channel-client/langgraph";

export function Thread({ stop }: { stop: () => void }) {
  const isRunning = useAuiState(({ thread }) => thread.isRunning);
  return (
    <ThreadPrimitive.Root asChild>
      <main>
        <h1>Chat</h1>
        <ThreadPrimitive.Viewport className="turns">
          <ThreadPrimitive.Messages components={{ UserMessage, AssistantMessage, UserEditComposer }} />
          <Notice />
        </ThreadPrimitive.Viewport>
        <ComposerPrimitive.Root>
          <ComposerPrimitive.Input aria-label="Message" placeholder="Ask anything" rows={1} />
          {isRunning ? (
            <button type="button" onClick={stop}>
              Stop
            </button>
          ) : (
            <ComposerPrimitive.Send>Send</ComposerPrimitive.Send>
          )}
        </ComposerPrimitive.Root>
      </main>
    </ThreadPrimitive.Root>
  );
}

function Notice() {
  const connection = useLangChainState<ConversationValues["connection"]>("connection");
  const last = useLangChainState<ConversationValues["turns"]>("turns")?.at(-1);
  const error = useLangChainError() ?? last?.error; // of this page, or of another's turn
  return (
    <>
      {connection?.state === "reconnecting" && <p role="status">The connection is lost. Reconnecting …</p>}
      {error instanceof Error && <p role="alert">{error.message}</p>}
    </>
  );
}

function UserMessage() {
  return (
    <MessagePrimitive.Root asChild>
      <article>
        <div className="question">
          <MessagePrimitive.Parts components={{ Text }} />
        </div>
        <ActionBarPrimitive.Edit className="edit">Edit</ActionBarPrimitive.Edit>
      </article>
    </MessagePrimitive.Root>
  );
}

function UserEditComposer() {
  return (
    <ComposerPrimitive.Root>
      <ComposerPrimitive.Input aria-label="Edited message" />
      <ComposerPrimitive.Send>Send again</ComposerPrimitive.Send>
    </ComposerPrimitive.Root>
  );
}

function AssistantMessage() {
  return (
    <MessagePrimitive.Root asChild>
      <article data-role="assistant">
        <MessagePrimitive.Parts components={{ Text, Reasoning }} />
        <ActionBarPrimitive.Reload>Regenerate</ActionBarPrimitive.Reload>
      </article>
    </MessagePrimitive.Root>
  );
}

function Text({ text }: { text: string }) {
  return <p className="text">{text}</p>;
}

function Reasoning({ text }: { text: string }) {
  return <p className="reasoning">{text}</p>;
}

import { useStream } from "@langchain/react";
import { type ConversationValues, conversationStream } from "conversation-channel-client/langgraph";
import type { Socket } from "phoenix";

import { Composer } from "./composer";
import { Message } from "./message";
import { Request } from "./request";

export function Chat({ socket, id }: { socket: Socket; id: string }) {
  const options = conversationStream(socket, id);
  const stream = useStream<ConversationValues>(options);
  const { messages, values, isLoading, isThreadLoading } = stream;
  const { connection, hasEarlier, requests } = values;
  return (
    <main aria-busy={isThreadLoading}>
      <h1>Chat</h1>
      {connection.state === "reconnecting" && <p role="status">The connection is lost. Reconnecting …</p>}
      {hasEarlier && (
        <button type="button" onClick={() => options.transport.loadEarlier()}>
          Earlier messages
        </button>
      )}
      <div className="turns" aria-live="polite">
        {messages.map((message) => (
          <Message key={message.id} stream={stream} message={message} />
        ))}
        {requests.map((request) => (
          <Request
            key={request.interrupt_id}
            request={request}
            respond={(answer) => stream.respond(answer, { interruptId: request.interrupt_id })}
          />
        ))}
        {stream.error instanceof Error && <p role="alert">{stream.error.message}</p>}
      </div>
      <Composer
        isLoading={isLoading}
        send={(content) => stream.submit({ messages: [{ type: "human", content }] }, { multitaskStrategy: "enqueue" })}
        stop={() => options.transport.stop()}
      />
    </main>
  );
}

import { AssistantRuntimeProvider } from "@assistant-ui/react";
import { useStreamRuntime } from "@assistant-ui/react-langchain";
import { conversationStream } from "conversation-channel-client/langgraph";
import type { Socket } from "phoenix";
import { useEffect, useState } from "react";

import { oneConversation } from "./one-conversation";
import { Thread } from "./thread";

export function Chat({ socket, id }: { socket: Socket; id: string }) {
  const options = conversationStream(socket, id);
  const [threads] = useState(() => oneConversation(id));
  const runtime = useStreamRuntime({ ...options, unstable_threadListAdapter: threads });
  useEffect(() => {
    void runtime.threads.switchToThread(id); // it begins with a new thread
  }, [runtime, id]);
  return (
    <AssistantRuntimeProvider runtime={runtime}>
      <Thread stop={() => options.transport.stop()} />
    </AssistantRuntimeProvider>
  );
}

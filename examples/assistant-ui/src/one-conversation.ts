import type { RemoteThreadListAdapter } from "@assistant-ui/react";

/** A thread list with one conversation. */
export function oneConversation(id: string): RemoteThreadListAdapter {
  const thread = { status: "regular" as const, remoteId: id, externalId: id, title: "Chat" };
  const unchanged = async () => {};
  return {
    list: async () => ({ threads: [thread] }),
    fetch: async () => thread,
    initialize: async () => thread,
    rename: unchanged,
    archive: unchanged,
    unarchive: unchanged,
    delete: unchanged,
    generateTitle: async () => new ReadableStream({ start: (stream) => stream.close() }),
  };
}

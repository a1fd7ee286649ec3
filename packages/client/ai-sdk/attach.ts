import type { Socket } from "phoenix";

import { uploadFile } from "../files.ts";
import type { Conversation } from "../handle.ts";
import type { FileFacts } from "../store/state.ts";
import { type ConversationUIMessage, fileIdOf } from "./message.ts";

/** The files of a message, as `conversation.ask` takes them. Those that the server does not have yet are uploaded. */
export async function attachmentsOf(
  { channel, store }: Conversation,
  message: ConversationUIMessage,
  signal: AbortSignal | undefined,
): Promise<(FileFacts | { file_id: string })[]> {
  const { socket } = channel as typeof channel & { socket: Socket }; // missing from phoenix's types
  const { user_id } = store.outline.getSnapshot();
  const known = new Map(
    store.getSnapshot().turns.flatMap(({ attachments = [] }) => attachments.map((file) => [file.file_id, file])),
  );
  const files = message.parts.filter((part) => part.type === "file");
  return await Promise.all(
    files.map(async ({ url, filename = "file" }) => {
      const file_id = fileIdOf({ url });
      if (file_id !== undefined) return known.get(file_id) ?? { file_id };
      const bytes = await (await fetch(url)).blob();
      const options = { name: filename, ...(user_id !== undefined && { user_id }), ...(signal && { signal }) };
      return await uploadFile(socket, bytes, options);
    }),
  );
}

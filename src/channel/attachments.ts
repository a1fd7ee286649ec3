import type { FileFacts } from "../../graphs/files.ts";
import { ChannelError } from "../errors.ts";
import type { FileStore } from "../store/files.ts";

/** The files that a message names, in its order. Throws `not_found` if one is unknown, somebody else's, or no longer kept. */
export async function attachedFiles(
  files: Pick<FileStore, "of">,
  userId: string,
  attachments: readonly { file_id: string }[],
): Promise<FileFacts[]> {
  const fileIds = attachments.map(({ file_id }) => file_id);
  const found = await files.of(userId, fileIds);
  const known = new Set(found.map(({ file_id }) => file_id));
  const missing = fileIds.filter((fileId) => !known.has(fileId));
  if (missing.length > 0) {
    const message = `attachments: there is no file ${missing[0]}. Upload it again.`;
    throw new ChannelError("not_found", message, { details: { file_ids: missing } });
  }
  return found.map(({ file_id, name, size, media_type }) => ({ file_id, name, size, media_type }));
}

import type { AttachedFile, FileFacts, Page } from "../../graphs/files.ts";
import type { HistoryStore } from "../store/history.ts";
import type { Turn } from "../store/turns.ts";

/** Reads the bytes and the text of uploaded files. Rejects if a file is no longer kept. */
export interface FileReader {
  bytes(fileId: string): Promise<Uint8Array>;
  pages(file: FileFacts): Promise<readonly Page[]>;
}

/** The files that a turn may read: those of its message, and those of the conversation so far. */
export interface TurnFiles {
  attachments: readonly AttachedFile[];
  all(): Promise<readonly AttachedFile[]>;
}

export function turnFiles(
  reader: FileReader,
  history: Pick<HistoryStore, "files">,
  { sessionId, seq, attachments = [] }: Pick<Turn, "sessionId" | "seq" | "attachments">,
): TurnFiles {
  let all: Promise<readonly AttachedFile[]> | undefined;
  return {
    attachments: attachments.map((file) => readable(reader, file)),
    all() {
      all ??= history.files(sessionId, seq).then((files) => files.map((file) => readable(reader, file)));
      return all;
    },
  };
}

function readable(reader: FileReader, file: FileFacts): AttachedFile {
  return { ...file, pages: () => reader.pages(file), bytes: () => reader.bytes(file.file_id) };
}

import type { FileFacts, Page } from "../../../graphs/files.ts";

/** A file whose upload is not complete. */
export interface ArrivingFile {
  /** Where to write its bytes. */
  path: string;
  /** Syncs it to disk, with the text of its pages if it is a PDF. Nobody finds it before `settle`. */
  sync(pages?: readonly Page[]): Promise<void>;
  /** Keeps it: resolves once it is stored as a whole. */
  settle(): Promise<void>;
  /** Ends the upload. What was not settled is gone. */
  drop(): Promise<void>;
}

/** A file that is read. Its bytes can be read once. */
export interface OpenFile {
  /** Its first two bytes. */
  start: Uint8Array;
  stream(): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

/** The bytes of the uploaded files. Whose they are is in the store. Rejects with `FilesUnavailable` if they are on a server that is down. */
export interface FileBytes {
  /** Prepares an upload. */
  arriving(fileId: string): Promise<ArrivingFile>;
  /** Opens a file, or its first two bytes alone. Undefined if its bytes are gone. */
  open(fileId: string, part: "start" | "all"): Promise<OpenFile | undefined>;
  bytes(fileId: string): Promise<Buffer>;
  /** The text of a file: of a PDF by pages, none of an image. */
  pages(file: Pick<FileFacts, "file_id" | "media_type">): Promise<readonly Page[]>;
  remove(fileId: string): Promise<void>;
  /** Removes what is left of uploads that a crash interrupted before this time, in ms since the epoch. */
  dropAbandoned(before: number): Promise<void>;
  close(): Promise<void>;
}

/** The server that has the files is down, or refuses. The log says why. */
export class FilesUnavailable extends Error {
  constructor(options: ErrorOptions) {
    super("Uploaded files cannot be stored or read at the moment.", options);
    this.name = "FilesUnavailable";
  }
}

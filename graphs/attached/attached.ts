import type { FileFacts, Source } from "../files.ts";

/** A file, as far as a request may have it. */
export interface ReadFile extends FileFacts {
  /** Its place among the sources. */
  number: number;
  /** It came with an earlier message. */
  isEarlier: boolean;
  /** The beginning of its text, with the numbers of its pages. Undefined for an image. */
  text?: string;
  /** The length of the whole text, in UTF-16 units. */
  units?: number;
  /** As a data URL. Undefined if it is left out. */
  image?: string;
  /** It is no longer kept. */
  isGone?: true;
}

export interface NumberedSource extends Source {
  number: number;
  /** Of no interest unless the answer names it, or a later one. */
  isEarlier: boolean;
}

/** The files of a turn's message and of earlier ones. */
export interface Attached {
  /** Those of the message, then those of earlier ones, the newest first. */
  files: readonly ReadFile[];
  /** What the answer may rest on, in order. Empty if the client does not ask for it. */
  sources: readonly NumberedSource[];
}

export const nothingAttached: Attached = { files: [], sources: [] };

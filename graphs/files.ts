import { z } from "zod";

/** A file of a user, as everybody who sees it is told. */
export const FileFacts = z.object({
  file_id: z.string().describe("For `GET /files/<file_id>`."),
  name: z.string(),
  size: z.number().int().describe("In bytes."),
  media_type: z.string().describe("By its content, not by its name."),
});
export type FileFacts = z.infer<typeof FileFacts>;

/** A piece of a file's text. Only pages of PDFs have a number, from 1. */
export interface Page {
  page?: number;
  text: string;
}

/** A file that came with a message. Reading it rejects if it is no longer kept. */
export interface AttachedFile extends FileFacts {
  /** Its text: one page for a text file, none for an image. */
  pages(): Promise<readonly Page[]>;
  bytes(): Promise<Uint8Array>;
}

/** Of the images of one message together: they go to the model in one request. */
export const maxImageBytes = 20_000_000;

export function isImage({ media_type }: Pick<FileFacts, "media_type">): boolean {
  return media_type.startsWith("image/");
}

/** What an answer was made from. */
export const Source = z.object({
  title: z.string(),
  url: z.string().optional(),
  file_id: z.string().optional(),
  quote: z.string().optional(),
});
export type Source = z.infer<typeof Source>;

import { fencedLine } from "../fenced.ts";
import { isImage } from "../files.ts";
import { cutToTokens, tokensOf } from "../tokens.ts";
import type { Attached, ReadFile } from "./attached.ts";
import { fence } from "./fence.ts";

/** About what an image takes, if the model reads it in detail. */
export const imageTokens = 1_500;

/** More text of files would cost a lot, and answers would not be better. */
const maxTextTokens = 64_000;
const maxEarlierTokens = 16_000;

/** Less of a text is of no use. */
const minTextTokens = 40;

/** The files of a request, as far as a model has room for them. */
export interface Fitted {
  /** Each file as a line of JSON, and its text in a fence. */
  text: string;
  /** Data URLs, in the order of the lines. */
  images: string[];
  /** Names of the message's own files of which something is left out. */
  cut: string[];
  /** Names of the message's own images that the model cannot see. */
  unseen: string[];
}

/** `limit` is in tokens. */
export function fitted({ files }: Attached, limit: number, sees: boolean): Fitted {
  let left = limit - files.reduce((sum, file) => sum + tokensOf(line(file, { image: 1 })) + 4, 0);
  const images: ReadFile[] = [];
  for (const file of files) {
    if (!sees || file.image === undefined || left < imageTokens) continue;
    images.push(file);
    left -= imageTokens;
  }
  const shares = sharesOf(files, Math.min(left, maxTextTokens));
  const texts = files.map((file) => cutToTokens(file.text ?? "", shares.get(file) ?? 0));
  const parts = files.map((file, index) => described(file, texts[index] ?? "", images.indexOf(file)));
  const own = files.filter(({ isEarlier }) => !isEarlier);
  const isCut = (file: ReadFile) =>
    file.image === undefined ? (texts[files.indexOf(file)] ?? "").length < whole(file) : sees && !images.includes(file);
  const unseen = own.filter(({ image }) => image !== undefined && !sees);
  return {
    text: parts.join("\n\n"),
    images: images.flatMap(({ image }) => image ?? []),
    cut: own.filter(isCut).map(({ name }) => name),
    unseen: unseen.map(({ name }) => name),
  };
}

/** A text that was read only in part is longer than what is there of it. */
function whole({ text = "", units = 0 }: ReadFile): number {
  return Math.max(text.length, units);
}

/** How many tokens each text gets: those of the message before earlier ones, and equal shares if there are too many. */
function sharesOf(files: readonly ReadFile[], limit: number): Map<ReadFile, number> {
  const shares = new Map<ReadFile, number>();
  let left = limit;
  const wanting = files
    .filter(({ isEarlier, text }) => !isEarlier && text)
    .map((file) => ({ file, tokens: tokensOf(file.text ?? "") }))
    .sort((one, other) => one.tokens - other.tokens);
  for (const [index, { file, tokens }] of wanting.entries()) {
    left -= give(shares, file, Math.min(tokens, Math.floor(left / (wanting.length - index))));
  }
  left = Math.min(left, maxEarlierTokens);
  for (const file of files) {
    if (file.isEarlier && file.text) left -= give(shares, file, Math.min(tokensOf(file.text), left));
  }
  return shares;
}

function give(shares: Map<ReadFile, number>, file: ReadFile, tokens: number): number {
  if (tokens < Math.min(minTextTokens, tokensOf(file.text ?? ""))) return 0;
  shares.set(file, tokens);
  return tokens;
}

function described(file: ReadFile, text: string, image: number): string {
  const all = whole(file);
  if (image >= 0) return line(file, { image: image + 1 });
  if (isImage(file) || file.isGone) return line(file, { left_out: true });
  if (text === "") return line(file, { all_characters: all, ...(all > 0 && { left_out: true }) });
  const facts = text.length < all ? { shown_characters: text.length, all_characters: all } : {};
  return `${line(file, facts)}\n${fence(text)}`;
}

function line({ number, name, media_type, isEarlier }: ReadFile, facts: object): string {
  const message = isEarlier ? "earlier" : "this one";
  return fencedLine({ file: number, name, media_type, message, ...facts });
}

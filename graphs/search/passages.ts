import type { Page } from "../files.ts";

/** A piece of a file's text, of a few sentences. */
export interface Passage {
  text: string;
  page?: number;
}

/** In UTF-16 units. A passage is about half to once as long. */
const maxUnits = 1_200;

/** Cuts pages into passages, at the end of a paragraph if there is one, else of a sentence, a line or a word. */
export function passagesOf(pages: readonly Page[]): Passage[] {
  return pages.flatMap(({ page, text: whole }) => {
    const text = whole.replace(/[^\S\n]{2,}/g, " ");
    const passages: Passage[] = [];
    for (let start = 0; start < text.length; ) {
      const end = start + lengthOf(text.slice(start, start + maxUnits), start + maxUnits >= text.length);
      const piece = text.slice(start, end).trim();
      if (piece !== "") passages.push({ text: piece, ...(page !== undefined && { page }) });
      start = end;
    }
    return passages;
  });
}

/** Where a passage may end, the best first. */
const ends = [/\n\s*\n/g, /[.!?。！？]\s/g, /\n/g, /\s/g];

/** How much of `window` the next passage takes. */
function lengthOf(window: string, isLast: boolean): number {
  if (isLast) return window.length;
  for (const end of ends) {
    const found = [...window.matchAll(end)].at(-1);
    if (found && found.index + found[0].length > maxUnits / 2) return found.index + found[0].length;
  }
  return window.length;
}

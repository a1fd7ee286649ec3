import { setImmediate } from "node:timers/promises";

import { MarkdownLine } from "./markdown-line.ts";

export interface CodeBlock {
  /** What follows the opening fence, such as `js`. */
  info: string;
  text: string;
}

/** A quote, or a list item whose content has this indentation, in columns from the container around it. */
type Container = "quote" | { indent: number; isEmpty: boolean };

interface Fence {
  mark: number;
  length: number;
  indent: number;
  info: string;
  lines: string[];
}

/** Deeper containers are read as text, so that a line of a million quote marks takes no longer than others. */
const maxDepth = 32;

/** After so many lines, which take a few milliseconds at most, others get a turn. */
const maxLines = 8_000;

/**
 * The fenced code blocks of a Markdown text as CommonMark defines them, also those in quotes and lists, and the last one if its end is
 * missing. Takes linear time for any text, unlike Markdown parsers, and holds nobody up. Indented code does not count; a fence inside of
 * HTML does.
 */
export async function codeBlocks(text: string): Promise<CodeBlock[]> {
  const blocks: CodeBlock[] = [];
  if (!text.includes("```") && !text.includes("~~~")) return blocks;
  const line = new MarkdownLine(text);
  const containers: Container[] = [];
  let fence: Fence | undefined;
  let inParagraph = false;

  function end(): void {
    if (fence) blocks.push({ info: fence.info, text: fence.lines.join("\n") });
    fence = undefined;
  }

  /** True if the line is part of the open fence. */
  function readCode(isInside: boolean): boolean {
    if (!fence) return false;
    if (!isInside || isClosing(line, fence)) {
      end();
      return isInside;
    }
    line.takeSpace(fence.indent);
    fence.lines.push(line.rest);
    return true;
  }

  function read(): void {
    const depth = matching(containers, line);
    const isInside = depth === containers.length;
    if (readCode(isInside)) return;
    const added = containersIn(line, maxDepth - depth, inParagraph && isInside);
    const opened = fenceIn(line);
    const isText = !line.isBlank && !opened && !isHeading(line);
    const goesOn = inParagraph && isText && added.length === 0;
    if (goesOn && !(isInside && isUnderline(line))) return; // its containers go on as well, even without their marks
    if (!isInside) containers.length = depth;
    containers.push(...added);
    fence = opened;
    inParagraph = isText && !goesOn && line.indent < 4;
  }

  for (let lines = 1; line.next(); lines += 1) {
    read();
    if (lines % maxLines === 0) await setImmediate();
  }
  end();
  return blocks;
}

/** Takes the marks of the open containers. Returns how many of them go on in this line. */
function matching(containers: readonly Container[], line: MarkdownLine): number {
  if (containers.length === 0) return 0;
  const found = containers.findIndex((container) => {
    if (container === "quote") return !takeQuote(line);
    if (line.isBlank ? container.isEmpty : line.indent < container.indent) return true;
    line.takeSpace(container.indent);
    container.isEmpty &&= line.isBlank;
    return false;
  });
  return found < 0 ? containers.length : found;
}

function takeQuote(line: MarkdownLine): boolean {
  if (line.indent >= 4 || line.mark !== 62) return false;
  line.take(1);
  line.takeSpace(1);
  return true;
}

const none: readonly Container[] = [];

/** Takes the marks of containers that begin in this line. */
function containersIn(line: MarkdownLine, most: number, interruptsParagraph: boolean): readonly Container[] {
  if (line.isBlank) return none;
  const added: Container[] = [];
  while (added.length < most) {
    const item = takeQuote(line) ? "quote" : itemIn(line, interruptsParagraph && added.length === 0);
    if (!item) break;
    added.push(item);
  }
  return added;
}

const anyItem = /(?:[-+*]|\d{1,9}[.)])(?=[ \t\r\n]|$)/y;
/** An item that needs no blank line between it and a paragraph. */
const interruptingItem = /(?:[-+*]|1[.)])(?=[ \t]+[^ \t\r\n])/y;

function itemIn(line: MarkdownLine, interruptsParagraph: boolean): Container | undefined {
  const { indent } = line;
  if (indent >= 4 || line.isRule) return undefined;
  const marker = line.match(interruptsParagraph ? interruptingItem : anyItem);
  if (marker === "") return undefined;
  line.take(marker.length);
  const isCode = line.isBlank || line.indent > 4;
  const padding = isCode ? 1 : line.indent;
  line.takeSpace(padding);
  return { indent: indent + marker.length + padding, isEmpty: line.isBlank };
}

const [backtick, tilde] = [96, 126];

function fenceIn(line: MarkdownLine): Fence | undefined {
  const { indent, mark, run: length } = line;
  if (indent >= 4 || (mark !== backtick && mark !== tilde) || length < 3) return undefined;
  const info = line.words.slice(length).trim();
  return mark === backtick && info.includes("`") ? undefined : { mark, length, indent, info, lines: [] };
}

function isClosing(line: MarkdownLine, { mark, length }: Fence): boolean {
  const { run } = line;
  return line.indent < 4 && line.mark === mark && run >= length && line.words.slice(run).trim() === "";
}

function isHeading(line: MarkdownLine): boolean {
  return line.indent < 4 && (line.isRule || line.match(/#{1,6}(?=[ \t\r\n]|$)/y) !== "");
}

/** What makes a heading of the paragraph above. */
function isUnderline(line: MarkdownLine): boolean {
  return line.indent < 4 && /^(?:=+|-+)[ \t]*$/.test(line.words);
}

import { jsonValues, parsed } from "./json-values.ts";
import { broken } from "./piece.ts";

/** In UTF-16 units. Limits one event, and a body that is a single object. */
const maxEventUnits = 16_777_216;

interface Listener {
  /** A JSON object, and its text if it came on one line. */
  onEvent(event: object, json?: string): void;
  /** Offers the text of an event before it is parsed. Returns true if it need not be. */
  isKnown(json: string): boolean;
  /** `[DONE]`. */
  onDone(): void;
}

const newline = 10;
const space = 32;
const colon = 58;
const brace = 123;

/** How a line of JSON without `data:` begins. */
const bareStart = /^(\{|\[\s*(\{|$)|\[DONE\]$)/;

/** What some servers send as a sign of life. */
const nothing = /^(|null|true|false|""|\d+|\{\}|:?\s?"?(ping|heartbeat|keep-?alive)"?)$/i;

/**
 * Splits the text of a body into JSON objects. Looks at the lines instead of the content type: server-sent events, with or without blank
 * lines between them, one object a line, or a single object. Ignores comments, empty and null events, and lines that mean nothing.
 */
export class EventSplitter {
  readonly #listener: Listener;
  /** The line that has not ended, in pieces. */
  #line: string[] = [];
  #lineUnits = 0;
  /** Lines of an event that is not complete JSON so far. */
  #lines: string[] = [];
  #linesUnits = 0;
  /** `#lines` were not introduced by `data:`. */
  #isBare = false;
  #isError = false;
  #endsWithReturn = false;
  #isOver = false;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  feed(given: string): void {
    const text = this.#normalized(given);
    let from = 0;
    let to = text.indexOf("\n");
    if (to >= 0 && this.#line.length > 0) {
      this.#line.push(text.slice(0, to));
      this.#endLine();
      from = to + 1;
      to = text.indexOf("\n", from);
    }
    for (; to >= 0; to = text.indexOf("\n", from)) {
      this.#readLine(text, from, to);
      from = to + 1;
    }
    if (from === text.length) return;
    this.#line.push(text.slice(from));
    this.#lineUnits += text.length - from;
    this.#checkLength();
  }

  /** The body has ended. */
  end(): void {
    if (this.#line.length > 0) this.#endLine();
    this.#flush();
  }

  #endLine(): void {
    const line = this.#line.join("");
    this.#line = [];
    this.#lineUnits = 0;
    this.#readLine(line, 0, line.length);
  }

  /** All ways to end a line, made one. */
  #normalized(text: string): string {
    const rest = this.#endsWithReturn && text.charCodeAt(0) === newline ? text.slice(1) : text;
    if (text !== "") this.#endsWithReturn = text.endsWith("\r");
    return rest.includes("\r") ? rest.replace(/\r\n?/g, "\n") : rest;
  }

  /** What follows is ignored. */
  #done(): void {
    this.#isOver = true;
    this.#listener.onDone();
  }

  #readLine(text: string, from: number, to: number): void {
    if (this.#isOver) return;
    if (isData(text, from)) this.#data(text.slice(text.charCodeAt(from + 5) === space ? from + 6 : from + 5, to));
    else if (this.#isBare) this.#keep(text.slice(from, to));
    else if (from === to) this.#endEvent();
    else if (text.charCodeAt(from) !== colon) this.#otherLine(text.slice(from, to).trim());
  }

  #otherLine(line: string): void {
    if (line.startsWith("data:")) this.#data(line.slice(5));
    else if (line.startsWith("event:")) this.#isError = line.slice(6).trim() === "error";
    else if (bareStart.test(line)) this.#bare(line);
  }

  #endEvent(): void {
    if (this.#lines.length > 0) this.#flush();
    this.#isError = false;
  }

  #data(value: string): void {
    if (this.#isBare) this.#flush();
    const isFirst = this.#lines.length === 0 && !this.#isError;
    if (isFirst && (value === "" || value === "{}" || this.#listener.isKnown(value))) return;
    const event = isFirst ? object(value) : undefined;
    if (event) this.#listener.onEvent(event, value);
    else if (value.trim() === "[DONE]") {
      this.#flush();
      this.#done();
    } else if (!(isFirst && isNothing(value))) this.#keep(value);
  }

  /** A line without `data:`: an object, `[DONE]`, or the first line of an object or a list. */
  #bare(line: string): void {
    this.#flush();
    if (line === "{}") return;
    const event = line.endsWith("}") ? object(line) : undefined;
    if (event) this.#listener.onEvent(event);
    else if (line === "[DONE]") this.#done();
    else {
      this.#isBare = true;
      this.#keep(line);
    }
  }

  #keep(line: string): void {
    this.#lines.push(line);
    this.#linesUnits += line.length + 1;
    this.#checkLength();
  }

  #checkLength(): void {
    if (this.#lineUnits + this.#linesUnits > maxEventUnits) throw broken("An event of the reply is too long.");
  }

  /** Reads the lines of an event. Throws if they are not JSON. */
  #flush(): void {
    if (this.#lines.length === 0) return;
    const text = this.#lines.join("\n");
    const isError = this.#isError;
    this.#lines = [];
    this.#linesUnits = 0;
    this.#isBare = false;
    this.#isError = false;
    const event = object(text);
    if (isError) this.#listener.onEvent({ error: event ?? (text.trim() || "An error without a text.") });
    else if (event) this.#listener.onEvent(event);
    else if (!isNothing(text)) this.#readValues(text);
  }

  #readValues(text: string): void {
    const found = list(text) ?? jsonValues(text);
    if (!found) throw broken("The reply is not JSON.");
    for (const value of found.values) if (typeof value === "object" && value !== null) this.#listener.onEvent(value);
    if (found.isDone) this.#done();
  }
}

/** Whether the line has the prefix `data:`. */
function isData(text: string, at: number): boolean {
  return (
    text.charCodeAt(at) === 100 &&
    text.charCodeAt(at + 1) === 97 &&
    text.charCodeAt(at + 2) === 116 &&
    text.charCodeAt(at + 3) === 97 &&
    text.charCodeAt(at + 4) === colon
  );
}

/** Undefined if the text is not a complete JSON object. */
function object(text: string): object | undefined {
  const value = text.charCodeAt(0) === brace || text.trimStart().charCodeAt(0) === brace ? parsed(text) : undefined;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
}

function list(text: string) {
  const values = parsed(text);
  return Array.isArray(values) ? { values, isDone: false } : undefined;
}

/** Blank, null, a number, or a sign of life. */
function isNothing(text: string): boolean {
  const word = text.trim();
  return word.length < 20 && nothing.test(word);
}

import { StreamLanguage, type StringStream } from "@codemirror/language";

interface Place {
  part: "before" | "front matter" | "text";
  isAfterColon: boolean;
  isInFence: boolean;
}

const rule = /^---[ \t]*$/;
const key = /^[\w-]+(?=[ \t]*:)/;
const tag = /^\{\{[ \t]*([^\s{}]+)[ \t]*\}\}/;

/** Prompt files: YAML front matter, then Markdown with variables. */
export function promptLanguage(variables: () => readonly string[]) {
  return StreamLanguage.define<Place>({
    name: "prompt",
    startState: () => ({ part: "before", isAfterColon: false, isInFence: false }),
    token(stream, place) {
      if (stream.sol()) place.isAfterColon = false;
      if (stream.sol() && place.part !== "text" && stream.match(rule)) {
        place.part = place.part === "before" ? "front matter" : "text";
        return "meta";
      }
      return place.part === "text" ? textToken(stream, place, variables()) : frontMatterToken(stream, place);
    },
  });
}

function frontMatterToken(stream: StringStream, place: Place): string | null {
  if (stream.eatSpace()) return null;
  if (stream.peek() === "#") return toEnd(stream, "comment");
  if (place.part === "front matter" && !place.isAfterColon && stream.match(key)) return "propertyName";
  if (stream.eat(":")) {
    place.isAfterColon = true;
    return "punctuation";
  }
  return toEnd(stream, "string");
}

function textToken(stream: StringStream, place: Place, variables: readonly string[]): string | null {
  if (stream.sol()) {
    if (stream.match(/^[ \t]*(?:```|~~~).*/)) {
      place.isInFence = !place.isInFence;
      return "monospace";
    }
    if (!place.isInFence && stream.match(/^#{1,6} /)) return "heading";
    if (!place.isInFence && stream.match(/^[ \t]*(?:[-*+]|\d+[.)]) /)) return "list";
  }
  if (stream.match(/^\\\{\{/)) return "escape";
  const found = stream.match(tag, false);
  if (Array.isArray(found) && variables.includes(found[1] ?? "")) {
    stream.match(tag);
    return "variableName";
  }
  if (!place.isInFence && stream.match(/^`[^`\n]+`/)) return "monospace";
  stream.next();
  stream.eatWhile(/[^\\{`]/);
  return place.isInFence ? "monospace" : null;
}

function toEnd(stream: StringStream, token: string): string {
  stream.skipToEnd();
  return token;
}

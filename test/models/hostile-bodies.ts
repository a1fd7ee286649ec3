import { chunk } from "./reading.ts";

/** Repeats a text until there are this many bytes. */
export function filled(text: string, bytes: number): string {
  return text.repeat(Math.ceil(bytes / Buffer.byteLength(text)));
}

const word = (content: string) => chunk({ content });
const inContent = (text: string) => (bytes: number) => word(filled(text, bytes));
const inEvents =
  (...texts: string[]) =>
  (bytes: number) =>
    filled(texts.map(word).join(""), bytes);
const lines = (line: string) => (bytes: number) => filled(line, bytes);
const bare = (content: string) => `{"choices":[{"delta":{"content":${JSON.stringify(content)}}}]}\n`;

/** Bodies that would be slow to read if anything took more than linear time, by name. */
export const hostileBodies: Record<string, (bytes: number) => string> = {
  "a usual answer": inEvents("Trees ", "branch, ", "lists "),
  "line feeds": lines("\n"),
  "carriage returns": lines("\r"),
  "line feeds and one carriage return": (bytes) => `${filled("\n", bytes)}\r`,
  "carriage returns and one line feed": (bytes) => `${filled("\r", bytes)}\n`,
  both: lines("\r\n"),
  blanks: lines(" "),
  "lines of a blank": lines(" \n"),
  comments: lines(":\n"),
  "empty events": lines("data:\n\n"),
  "null events": lines("data: null\n\n"),
  "empty objects": lines("data: {}\n"),
  "empty objects without data": lines("{}\n"),
  "empty lists": lines("[]\n"),
  "lines of data without an end": lines("data: x\n"),
  "lines of data that begin an object": lines('data: {"a":\n'),
  "lines that begin an object": lines("{\n"),
  "one line": lines("x"),
  "one line of data": (bytes) => `data: ${filled("x", bytes)}`,
  "braces in one event": (bytes) => `data: ${filled("{", bytes)}\n\n`,
  "brackets in one event": (bytes) => `data: ${filled("[", bytes)}\n\n`,
  "quotes in one event": (bytes) => `data: ${filled('"', bytes)}\n\n`,
  "objects in one event": (bytes) => `data: ${filled("{}", bytes)}\n\n`,
  "prefixes in one event": (bytes) => `data: ${filled("data:", bytes)}\n\n`,
  "a deep list": (bytes) => `data: {"choices":${filled("[", bytes / 2)}${filled("]", bytes / 2)}}\n\n`,
  "a deep argument": (bytes) =>
    `data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":${filled('{"a":', bytes)}1${filled("}", bytes / 5)}}}]}}]}\n\n`,
  "a deep error": (bytes) => `data: ${filled('{"error":', bytes)}1${filled("}", bytes / 9)}\n\n`,
  "an error of many blanks": (bytes) => `data: {"error":{"message":"${filled(" <", bytes)}"}}\n\n`,
  "an error like a key": (bytes) => `data: {"error":{"message":"${filled("sk-api_key=token:", bytes)}"}}\n\n`,
  "a text of tags": inContent("<think>"),
  "a text of closing tags": inContent("</think>"),
  "a text of beginnings of tags": inContent("</thin"),
  "a thought of closing tags": (bytes) => word(`<think>${filled("</thin", bytes)}`),
  "a thought in small pieces": (bytes) => word("<think>") + filled(bare("</thin"), bytes),
  "blanks before a tag": (bytes) => filled(bare("   "), bytes),
  "blanks in a thought": (bytes) => word("<think>") + filled(bare("  "), bytes),
  "small pieces of a tag": (bytes) => filled(bare("<"), bytes),
  "small pieces of a lone tag": (bytes) => filled(bare("\n</think"), bytes),
  "small pieces of fences": (bytes) => filled(bare("`"), bytes),
  "marks of Harmony": inContent("<|channel|>x<|message|>"),
  "small pieces of Harmony": (bytes) => word("<|channel|>") + filled(bare("<|"), bytes),
  "a header of Harmony": (bytes) => word("<|channel|>") + filled(bare("xxx"), bytes),
  "the text so far": (bytes) => {
    let [all, text] = ["", "Trees"];
    while (all.length < bytes) {
      all += word(text);
      text += " x";
    }
    return all;
  },
  "a whole message again and again": (bytes) =>
    word(filled("x", bytes / 10)) +
    filled(`data: {"choices":[{"message":{"content":"${filled("x", bytes / 10)}"}}]}\n`, bytes),
  "many parts of content": (bytes) => chunk({ content: Array(Math.ceil(bytes / 4)).fill("x") }),
  "many deep parts": (bytes) => chunk({ content: Array(Math.ceil(bytes / 8)).fill([[[[]]]]) }),
  "many tool calls": (bytes) => chunk({ tool_calls: Array(Math.ceil(bytes / 3)).fill({}) }),
  "small pieces of arguments": (bytes) =>
    filled('{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}"}}]}}]}\n', bytes),
  "usage in every event": (bytes) => filled('{"usage":{"prompt_tokens":1,"completion_tokens":1}}\n', bytes),
  "a finish reason in every event": (bytes) => filled('{"choices":[{"finish_reason":"stop","text":"x"}]}\n', bytes),
  "long names": (bytes) =>
    `data: {"model":"${filled("m", bytes)}","choices":[{"finish_reason":"${filled("_-", bytes)}"}]}\n\n`,
};

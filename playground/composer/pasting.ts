import { attach } from "../session/attached.ts";
import { isTooLong, messageMaxChars } from "../session/message-limit.ts";
import { notice } from "../session/notice.ts";

/** Attaches pasted files, and text that is too long for a message. Returns true if it took what was pasted. */
export function takePasted({ clipboardData }: ClipboardEvent): boolean {
  const files = [...(clipboardData?.files ?? [])];
  const text = clipboardData?.getData("text/plain") ?? "";
  if (files.length > 0 && text === "") {
    attach(files);
    return true;
  }
  if (!isTooLong(text)) return false;
  attach([new File([text], "Pasted text.txt", { type: "text/plain" })]);
  notice.value = `A message takes ${messageMaxChars().toLocaleString("en")} characters, so the pasted text is attached as a file.`;
  return true;
}

import { downloadFile } from "conversation-channel-client";

import { socket } from "./socket.ts";

/** The address of an uploaded file. It needs the key, so it cannot be opened as a plain link. */
export function fileAddress(fileId: string): string {
  return new URL(`files/${encodeURIComponent(fileId)}`, location.href).href;
}

/** How long the browser has to begin saving. */
const saveMs = 60_000;

/** Saves an uploaded file. It is not opened, since it would run as part of this page. */
export async function saveFile(fileId: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await downloadFile(socket, fileId));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), saveMs);
}

import { apiKey } from "./api-key.ts";

/** The address of an uploaded file. It needs the key, so it cannot be opened as a plain link. */
export function fileAddress(fileId: string): string {
  return new URL(`files/${encodeURIComponent(fileId)}`, location.href).href;
}

/** Loads an uploaded file. Rejects with a sentence for the user. */
export async function loadFile(fileId: string): Promise<Blob> {
  const headers = { authorization: `Bearer ${apiKey.value}` };
  const response = await fetch(fileAddress(fileId), { headers }).catch(() => undefined);
  if (!response) throw new Error("The file could not be loaded. Check the connection.");
  if (response.status === 404) throw new Error("This file does not exist any more.");
  if (!response.ok) throw new Error("The file could not be loaded.");
  return await response.blob();
}

/** How long the browser has to begin saving. */
const saveMs = 60_000;

/** Saves an uploaded file. It is not opened, since it would run as part of this page. */
export async function saveFile(fileId: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await loadFile(fileId));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), saveMs);
}

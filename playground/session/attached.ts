import { signal } from "@preact/signals";
import { type FileFacts, uploadFile } from "conversation-channel-client";

import { randomId } from "./address.ts";
import { notice } from "./notice.ts";
import { socket } from "./socket.ts";

/** Of one message. The server takes no more. */
const maxFiles = 10;

/** A file of the next message. */
export interface Attached {
  key: string;
  name: string;
  size: number;
  /** Undefined while it is being uploaded. */
  facts?: FileFacts;
  /** Ends the upload. */
  controller?: AbortController;
  /** The file itself, for its thumbnail. Undefined after a reload. */
  file?: Blob;
}

/** The files of the next message. */
export const attached = signal<readonly Attached[]>([]);

/** How many files the server refused. */
export const refusals = signal(0);

/** Uploads files for the next message. One that the server refuses is removed again, and the notice says why. */
export function attach(files: readonly File[]): void {
  const room = maxFiles - attached.peek().length;
  notice.value = files.length > room ? `A message takes ${maxFiles} files.` : "";
  for (const file of files.slice(0, room)) void upload(file);
}

async function upload(file: File): Promise<void> {
  const key = randomId();
  const controller = new AbortController();
  attached.value = [...attached.value, { key, name: file.name, size: file.size, controller, file }];
  try {
    const facts = await uploadFile(socket, file, { signal: controller.signal });
    replace(key, { key, name: facts.name, size: facts.size, facts, file });
  } catch (error) {
    if (controller.signal.aborted) return;
    replace(key);
    refusals.value += 1;
    notice.value = `${file.name}: ${error instanceof Error ? error.message : error}`;
  }
}

function replace(key: string, ...by: Attached[]): void {
  attached.value = attached.value.flatMap((one) => (one.key === key ? by : [one]));
}

export function detach(key: string): void {
  attached.value.find((one) => one.key === key)?.controller?.abort();
  replace(key);
}

/** A file is not uploaded yet. */
export function isUploading(): boolean {
  return attached.value.some(({ facts }) => facts === undefined);
}

/** The files for the message that is being sent. From now on the next message has none. */
export function takeAttached(): FileFacts[] {
  const taken = attached.value.flatMap(({ facts }) => facts ?? []);
  attached.value = [];
  return taken;
}

/** Puts back the files of a message that the server refused. */
export function attachAgain(files: readonly FileFacts[]): void {
  const known = new Set(attached.value.map(({ facts }) => facts?.file_id));
  const missing = files.filter(({ file_id }) => !known.has(file_id));
  attached.value = [...missing.map(uploaded), ...attached.value].slice(0, maxFiles);
}

/** Puts the files of another conversation's next message in place of these. */
export function attachInstead(files: readonly FileFacts[]): void {
  for (const { controller } of attached.value) controller?.abort();
  attached.value = files.map(uploaded);
}

function uploaded(facts: FileFacts): Attached {
  return { key: facts.file_id, name: facts.name, size: facts.size, facts };
}

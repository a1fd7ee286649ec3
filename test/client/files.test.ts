import { randomUUID } from "node:crypto";
import { Socket } from "phoenix";
import { afterAll, describe, expect, it } from "vitest";

import { downloadFile, type TextStorage, uploadFile } from "../../packages/client/conversation.ts";
import { chatPage } from "../client-ai-sdk/support.ts";
import { hook } from "../client-langgraph/support.ts";
import { filesServer } from "../files/support.ts";
import { page } from "./support.ts";

const server = await filesServer();
afterAll(() => server.close());

const address = new URL("/socket", server.http).href.replace("http", "ws");
const socket = new Socket(address, { params: { api_key: "key-a" } });
const simple = { options: { engine: "simple" as const } };
const text = (words: string) => new Blob([words], { type: "text/plain" });

describe("a file", () => {
  it("is uploaded and downloaded with the key of the socket", async () => {
    const file = await uploadFile(socket, text("Hello, file"), { name: "notes.txt" });
    expect(file).toEqual({ file_id: expect.any(String), name: "notes.txt", size: 11, media_type: "text/plain" });
    expect(await (await downloadFile(socket, file.file_id)).text()).toBe("Hello, file");
  });

  it("of another user is not found", async () => {
    const { file_id } = await uploadFile(socket, text("mine"));
    const other = new Socket(address, { params: { api_key: "key-b" } });
    await expect(downloadFile(other, file_id)).rejects.toMatchObject({ name: "ConversationError", code: "not_found" });
  });

  it("that is refused says why", async () => {
    const program = new File([Buffer.from("\x7fELF\x02\x01\x01\0", "latin1")], "picture.png");
    await expect(uploadFile(socket, program)).rejects.toMatchObject({ code: "unsupported_type" });
    const stranger = new Socket(address, { params: { api_key: "wrong" } });
    await expect(uploadFile(stranger, text("x"))).rejects.toMatchObject({ code: "unauthorized" });
    const nobody = new Socket("ws://127.0.0.1:1/socket", { params: { api_key: "key-a" } });
    await expect(uploadFile(nobody, text("x"))).rejects.toMatchObject({ code: "timeout" });
  });

  it("is not uploaded further once its signal aborts", async () => {
    await expect(uploadFile(socket, text("x"), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: "AbortError",
    });
  });
});

describe("a message with files", () => {
  it("shows them at once, on other devices, and after a reload", async () => {
    const id = randomUUID();
    const file = await uploadFile(socket, text("The answer is 42."), { name: "answer.txt" });
    await using mine = page(address, id);
    await using other = page(address, id);
    const attachments = (conversation: typeof mine.conversation) =>
      conversation.store.getSnapshot().turns.map((turn) => turn.attachments);
    await Promise.all([mine.conversation.joined, other.conversation.joined]);
    other.conversation.store.getSnapshot();
    mine.conversation.store.getSnapshot();
    const turn = mine.conversation.ask("", { ...simple, attachments: [file] });
    expect(attachments(mine.conversation)).toEqual([[file]]);
    await turn.response;
    await expect.poll(() => attachments(other.conversation)).toEqual([[file]]);
    await using again = page(address, id);
    await expect.poll(() => attachments(again.conversation)).toEqual([[file]]);
    const answer = await again.conversation.regenerate(simple).response;
    expect(answer.attachments).toEqual([file]);
    expect(attachments(again.conversation)).toEqual([[file]]);
  });

  it("that was not sent yet keeps them over a reload", async () => {
    const id = randomUUID();
    const file = await uploadFile(socket, text("kept"), { name: "kept.txt" });
    const kept = new Map<string, string>();
    const storage: TextStorage = {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
    await using away = page("ws://127.0.0.1:1/socket", id, { storage });
    away.conversation.ask("Read this", { ...simple, attachments: [file] }).response.catch(() => {});
    await using again = page("ws://127.0.0.1:1/socket", id, { storage });
    expect(again.conversation.store.getSnapshot().turns).toMatchObject([
      { query: "Read this", status: "sending", attachments: [file] },
    ]);
  });
});

it("a file of useChat is uploaded and attached, and sent again without another upload", async () => {
  await using mine = chatPage(address, randomUUID());
  const url = `data:text/plain;base64,${btoa("The answer is 42.")}`;
  const file = { type: "file", mediaType: "text/plain", filename: "answer.txt", url } as const;
  await mine.chat.sendMessage({ text: "Read it", files: [file] }, { body: simple });
  const attached = () => mine.conversation.store.getSnapshot().turns.at(-1)?.attachments;
  const [kept] = attached() ?? [];
  expect(kept).toMatchObject({ name: "answer.txt", size: 17, media_type: "text/plain" });
  const [question] = mine.chat.messages;
  const shown = { type: "file", filename: "answer.txt", url: `conversation-file:${kept?.file_id}` };
  expect(question?.parts).toMatchObject([{ type: "text", text: "Read it" }, shown]);
  await mine.chat.regenerate({ body: simple });
  expect(attached()).toEqual([kept]);
});

it("a file that useStream names is attached", async () => {
  const file = await uploadFile(socket, text("The answer is 42."), { name: "answer.txt" });
  await using mine = hook(address, randomUUID());
  await mine.submit("", { config: { configurable: { ...simple, attachments: [file] } } });
  await expect.poll(() => mine.snapshot().values.turns).toMatchObject([{ status: "completed", attachments: [file] }]);
});

it("what an answer was made from is the last part, in the store and in useChat, also after a reload", async () => {
  const id = randomUUID();
  const file = await uploadFile(socket, text("The answer is 42."), { name: "answer.txt" });
  const preferences = { include_sources: true };
  await using mine = chatPage(address, id, { preferences });
  server.model.answer(() => "It is 42 [1].");
  await mine.conversation.joined;
  await mine.conversation.ask("What is it?", { ...simple, attachments: [file] }).response;
  await using again = chatPage(address, id, { preferences });
  for (const page of [mine, again]) {
    const last = () => page.conversation.store.getSnapshot().turns.at(-1)?.parts.at(-1);
    const source = { title: "answer.txt", file_id: file.file_id };
    await expect.poll(last).toMatchObject({ type: "sources", sources: [source] });
    await expect.poll(() => page.last()?.parts.at(-1)).toMatchObject({ type: "source-document", title: "answer.txt" });
  }
});

import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { type Channel, completion, content, toolCall, toolCalls, usageOf, usualReason } from "./model-completion.ts";
import type { Reply } from "./model-replies.ts";
import type { ModelRequest } from "./model-request.ts";

/** Sends a reply like an OpenAI-compatible server, or misbehaves as scripted. Ends early if the client disconnects. */
export async function sendReply(
  request: ModelRequest,
  reply: Reply,
  { response, gone }: { response: ServerResponse; gone: AbortSignal },
): Promise<void> {
  try {
    await send();
  } catch (error) {
    if (!gone.aborted) throw error;
  }

  async function send(): Promise<void> {
    await pause(reply.headersDelayMs);
    if (reply.cutAfter === "request") return void response.destroy();
    if (reply.stallAfter === "request") return forever();
    if (reply.rawBody !== undefined) return body(reply.rawBody);
    if (reply.status !== undefined && reply.status >= 400) return body(JSON.stringify({ error: reply.error }));
    return request.stream ? stream() : complete();
  }

  function head(type: string): void {
    const id = { "x-request-id": `req_${request.index}`, "openai-processing-ms": "1" };
    response.writeHead(reply.status ?? 200, { "content-type": type, ...id, ...reply.headers });
  }

  function body(text: string): void {
    head("application/json");
    response.end(text);
  }

  async function complete(): Promise<void> {
    const text = JSON.stringify(completion(request, reply));
    await pause(reply.firstDelayMs);
    await reply.gate?.pass(gone);
    const broken = reply.cutAfter ?? reply.stallAfter ?? reply.inject;
    if (broken === undefined) return body(text);
    head("application/json");
    await write(text.slice(0, text.length / 2));
    if (reply.inject) return void response.end();
    if (reply.cutAfter !== undefined) return void response.destroy();
    return forever();
  }

  async function stream(): Promise<void> {
    head("text/event-stream; charset=utf-8");
    response.flushHeaders();
    const stopKeepAlive = keepAlive();
    try {
      const { channel, chunks } = content(request, reply);
      const thoughts = reply.reasoning ?? [];
      await pause(reply.firstDelayMs);
      for (const [index, chunk] of [...thoughts, ...chunks].entries()) {
        if (await misbehaves(index)) return;
        if (index > 0) await pause(reply.chunkDelayMs);
        await reply.gate?.pass(gone);
        if (index === 0) await event(opening(channel));
        await event(delta(index < thoughts.length ? "reasoning_content" : channel, chunk));
      }
      if (await misbehaves(thoughts.length + chunks.length, true)) return;
      await reply.gate?.pass(gone);
      if (thoughts.length + chunks.length === 0) await event(opening(channel));
      for (const [index, call] of toolCalls(request, reply).entries())
        await event({ tool_calls: [{ index, ...call }] });
      await ending(channel);
    } finally {
      stopKeepAlive();
    }
  }

  async function ending(channel: Channel): Promise<void> {
    if (reply.finishReason !== null) await event({}, reply.finishReason ?? usualReason(request, channel, reply));
    const usage = usageOf(request, reply);
    if (usage && request.body.stream_options?.include_usage) await write(frame({ ...envelope(), choices: [], usage }));
    if (reply.done === undefined || reply.done === "open") await write("data: [DONE]\n\n");
    if (reply.done === "open" || reply.done === "silent") return forever();
    response.end();
  }

  /** Returns true if the stream has ended. */
  async function misbehaves(sent: number, isEnd = false): Promise<boolean> {
    const due = (after: "request" | number | undefined) =>
      typeof after === "number" && (sent === after || (isEnd && after > sent));
    if (due(reply.inject?.after)) await write(reply.inject?.raw ?? "");
    if (due(reply.cutAfter)) {
      await sleep(5, undefined, { signal: gone }); // so that what was written is sent first
      response.destroy();
      return true;
    }
    if (due(reply.stallAfter)) await forever();
    return false;
  }

  function envelope() {
    const model = reply.model ?? request.model;
    return {
      id: `chatcmpl-${request.index}`,
      object: "chat.completion.chunk",
      created: 1767322000,
      model,
      system_fingerprint: "fp_test",
    };
  }

  async function event(delta: object, finish_reason: string | null = null): Promise<void> {
    const usage = request.body.stream_options?.include_usage ? { usage: null } : {};
    await write(frame({ ...envelope(), choices: [{ index: 0, delta, logprobs: null, finish_reason }], ...usage }));
  }

  function opening(channel: Channel): object {
    if (channel !== "arguments") return { role: "assistant", content: "", refusal: null };
    return { role: "assistant", content: null, refusal: null, tool_calls: [{ index: 0, ...toolCall(request, "") }] };
  }

  function delta(channel: Channel, chunk: string): object {
    if (channel === "arguments") return { tool_calls: [{ index: 0, function: { arguments: chunk } }] };
    return { [channel]: chunk };
  }

  async function write(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    const split = reply.splitBytes ? bytes.findIndex((byte) => byte >= 0x80) + 1 : 0;
    if (split > 0) {
      response.write(bytes.subarray(0, split));
      await sleep(3, undefined, { signal: gone });
    }
    gone.throwIfAborted();
    if (response.write(bytes.subarray(split))) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    response.once("drain", resolve);
    gone.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }

  async function pause(ms: number | undefined): Promise<void> {
    if (ms) await sleep(ms, undefined, { signal: gone });
    gone.throwIfAborted();
  }

  async function forever(): Promise<void> {
    if (!gone.aborted) await new Promise((resolve) => gone.addEventListener("abort", resolve, { once: true }));
    gone.throwIfAborted();
  }

  function keepAlive(): () => void {
    if (!reply.keepAliveMs) return () => {};
    const timer = setInterval(() => response.write(": keep-alive\n\n"), reply.keepAliveMs);
    return () => clearInterval(timer);
  }
}

function frame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

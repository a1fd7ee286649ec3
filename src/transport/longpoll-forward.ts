import type { IncomingMessage, ServerResponse } from "node:http";

import type { SocketLimits } from "../phoenix/limits.ts";
import { User } from "../phoenix/user.ts";
import { answer, answerEmpty, answerPoll } from "./longpoll-answer.ts";
import { readBody, type Sender } from "./longpoll-body.ts";
import type { Forwarded, Peers, SessionOwner, SessionRequest } from "./peers.ts";

/** So much longer than a poll's window a node has to reply. */
const replyMs = 5_000;

/** A POST of a user who sends more than may be read waits at the session's node. */
const postMs = 15_000;

/** Requests for sessions of other nodes. */
export function forwarding(peers: Peers, limits: SocketLimits) {
  const senders = new Map<string, Sender & { posts: number }>();
  const waiting = new Map<AbortController, Promise<unknown>>();
  let isClosing = false;

  async function forward(
    response: ServerResponse,
    { node }: SessionOwner,
    request: SessionRequest,
    timeoutMs: number,
  ): Promise<Forwarded | undefined> {
    const controller = new AbortController();
    const { signal } = controller;
    const left = () => controller.abort();
    response.once("close", left);
    const replied = peers.forward(node, request, { timeoutMs, signal });
    waiting.set(controller, replied);
    if (isClosing || response.closed) controller.abort();
    try {
      return await replied;
    } finally {
      response.off("close", left);
      waiting.delete(controller);
    }
  }

  return {
    /** False, without an answer, if the session is gone. */
    async poll(response: ServerResponse, owner: SessionOwner, token: string): Promise<boolean> {
      const forwarded = await forward(response, owner, { type: "poll", token }, limits.longPollWindowMs + replyMs);
      if (!forwarded?.reply) return false;
      answerPoll(response, forwarded.reply, forwarded.done);
      return true;
    },

    async post(request: IncomingMessage, response: ServerResponse, owner: SessionOwner, token: string): Promise<void> {
      const body = await readFrom(owner, request);
      if (body === undefined) return answerEmpty(response, 413);
      const contentType = request.headers["content-type"] ?? "";
      const posted = { type: "post" as const, token, contentType, body: body.toString("base64") };
      const { reply } = (await forward(response, owner, posted, postMs)) ?? {};
      if (reply?.status === 413) answerEmpty(response, 413);
      else answer(response, { status: reply?.status ?? 410 });
    },

    /** Resolves when the waiting polls have their answers, so that clients go on at another node. */
    async close(): Promise<void> {
      isClosing = true;
      for (const controller of waiting.keys()) controller.abort();
      await Promise.all(waiting.values());
    },
  };

  async function readFrom({ node, user }: SessionOwner, request: IncomingMessage): Promise<Buffer | undefined> {
    const key = `${node}.${user}`;
    const sender = senders.get(key) ?? { user: new User(limits), arriving: 0, posts: 0 };
    senders.set(key, sender);
    sender.posts += 1;
    try {
      // What the POSTs of one session may bring together is checked at its own node.
      return await readBody(request, { ...sender, arriving: 0 }, limits.batchBytes);
    } finally {
      sender.posts -= 1;
      if (sender.posts === 0) senders.delete(key);
    }
  }
}

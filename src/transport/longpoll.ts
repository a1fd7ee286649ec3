import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

import { type Layer, Socket } from "../phoenix/socket.ts";
import { authTokenHeader } from "./auth-token.ts";
import { type HandshakeOptions, handshake, queryOf, refusedOrigin } from "./handshake.ts";
import { answer, answerEmpty, answerPoll } from "./longpoll-answer.ts";
import { readBody, type Sender } from "./longpoll-body.ts";
import { forwarding } from "./longpoll-forward.ts";
import { framesOf } from "./longpoll-frames.ts";
import { LongPollSession, newToken } from "./longpoll-session.ts";
import type { Peers, ServedSession, SessionRequest } from "./peers.ts";
import { answerPreflight } from "./preflight.ts";
import { decodeQuery } from "./query.ts";

/** A session whose node can not be reached is not replaced sooner, since the new one may be just as far from the next poll. */
const cutOffMs = 1_000;

interface OpenSession<Assigns> extends Sender {
  session: LongPollSession;
  socket: Socket<Assigns>;
}

/** Runs sockets over long poll. A request for a session of another node is forwarded to it. */
export function longPoll<Assigns>(layer: Layer<Assigns>, options: HandshakeOptions<Assigns>, peers?: Peers) {
  const { batchLines, batchBytes, frameBytes, longPollSessions } = layer.limits;
  const sessions = new Map<string, OpenSession<Assigns>>();
  const forwarded = peers && forwarding(peers, layer.limits);
  peers?.serve(serve);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === "OPTIONS") return answerPreflight(request, response);
    if (request.method !== "GET" && request.method !== "POST") return answerEmpty(response, 400);
    const foreign = refusedOrigin(options, request);
    if (foreign) return answer(response, { status: 403, ...foreign.explanation });
    const token = sessionToken(request);
    const open = sessions.get(token);
    const owner = open ? undefined : peers?.ownerOf(token);
    if (request.method === "POST") {
      if (open) return post(request, response, open);
      if (owner) return forwarded?.post(request, response, owner, token);
      request.resume();
      return answer(response, { status: 410 });
    }
    if (open) return poll(response, open.session);
    if (owner && (await forwarded?.poll(response, owner, token))) return;
    if (token !== "" && peers?.isConnected === false) await wait(cutOffMs);
    await openSession(request, response);
  }

  async function openSession(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (response.closed) return;
    if (sessions.size >= longPollSessions) return answer(response, { status: 500 });
    const accepted = await handshake(options, request, "longpoll", authTokenHeader(request));
    if (response.destroyed) return;
    // phoenix.js retries after 403 and 500; any other status would stop its polling for good.
    if ("refused" in accepted) {
      return answer(response, { status: accepted.refused >= 500 ? 500 : 403, ...accepted.explanation });
    }
    const session = new LongPollSession(layer.limits, peers?.tokenFor(accepted.identity.id) ?? newToken());
    const socket = new Socket(layer, accepted.serializer, accepted.identity, session);
    session.events = {
      polled: () => socket.outlet.requested(),
      answered: () => socket.outlet.replied(),
      closed: () => {
        sessions.delete(session.token);
        queueMicrotask(() => socket.gone());
      },
    };
    sessions.set(session.token, { session, socket, user: socket.user, arriving: 0 });
    answer(response, { status: 410, token: session.token, messages: [] });
  }

  function poll(response: ServerResponse, session: LongPollSession): void {
    const cancel = session.poll((body, left) => answerPoll(response, body, left));
    response.once("close", cancel);
  }

  async function post(request: IncomingMessage, response: ServerResponse, open: OpenSession<Assigns>): Promise<void> {
    const body = await readBody(request, open, batchBytes);
    if (body === undefined) return answerEmpty(response, 413);
    answer(response, { status: receive(open, request.headers["content-type"], body) });
  }

  function receive(open: OpenSession<Assigns>, contentType: string | undefined, body: Buffer): 200 | 408 {
    for (const frame of framesOf(contentType, body, batchLines)) {
      if (frame === undefined) open.socket.close(1011, "");
      else if (frame.data.length > frameBytes) open.socket.close(1009, "");
      else open.socket.receive(frame.data, frame.isBinary);
    }
    return sessions.has(open.session.token) ? 200 : 408;
  }

  async function serve(request: SessionRequest, signal: AbortSignal): Promise<ServedSession> {
    const open = sessions.get(request.token);
    if (!open) return { reply: null };
    if (request.type === "poll") return servePoll(open.session, signal);
    const body = await readBody([Buffer.from(request.body, "base64")], open, batchBytes);
    return { reply: { status: body ? receive(open, request.contentType, body) : 413 } };
  }

  return {
    handle,
    /** Call when the sessions of this node are closed. */
    close: async () => forwarded?.close(),
    get sessions() {
      return sessions.size;
    },
  };
}

function servePoll(session: LongPollSession, signal: AbortSignal): Promise<ServedSession> {
  const { promise, resolve } = Promise.withResolvers<ServedSession>();
  const cancel = session.poll((reply, done) => resolve({ reply, ...(reply.messages?.length && { done }) }));
  signal.addEventListener("abort", () => {
    cancel();
    resolve({ reply: { status: 204, token: session.token, messages: [] } });
  });
  return promise;
}

function sessionToken(request: IncomingMessage): string {
  const header = request.headers["x-phoenix-longpoll-token"];
  if (typeof header === "string") return header;
  const token = decodeQuery(queryOf(request))?.token;
  return typeof token === "string" ? token : "";
}

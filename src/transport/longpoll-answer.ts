import type { ServerResponse } from "node:http";

import type { PollAnswer } from "./longpoll-session.ts";

/** Like in Phoenix, answers are HTTP 200 and the real status is in the body. */
export function answer(response: ServerResponse, body: object): void {
  if (response.destroyed) return;
  response.writeHead(200, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "access-control-allow-origin": "*",
  });
  response.end(JSON.stringify(body));
}

/** Calls `left` once, with false if the connection broke and messages are lost. */
export function answerPoll(response: ServerResponse, body: PollAnswer, left: (isTaken: boolean) => void): void {
  let isTaken = !body.messages?.length;
  if (response.closed || response.destroyed) {
    left(isTaken);
    return;
  }
  response.once("finish", () => {
    isTaken = true;
  });
  response.once("close", () => left(isTaken));
  answer(response, body);
}

export function answerEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, { connection: "close" });
  response.end();
}

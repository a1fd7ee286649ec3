import type { ReadonlySignal } from "@preact/signals";
import type { Part, TurnState } from "conversation-channel-client";
import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { Sources } from "../markdown/references.ts";
import { lazy } from "../parts/lazy.ts";
import { focusedNext, regenerate } from "../session/actions.ts";
import { engineName } from "../session/engines.ts";
import { sourcesOf } from "../session/sources.ts";
import { openRequests } from "../session/waiting.ts";
import { Actions } from "./actions.ts";
import { announce } from "./announcements.ts";
import { Facts } from "./facts.ts";
import { Problem } from "./problem.ts";
import { Question } from "./question.ts";
import { isThinking, Reasoning } from "./reasoning.ts";
import { Strip } from "./strip.ts";
import { isOver, useTimes } from "./times.ts";
import { Trail } from "./trail.ts";

const Activity = lazy(async () => (await import("./activity/activity.ts")).Activity);
const Attachments = lazy(async () => (await import("./attachments.ts")).Attachments);
const Markdown = lazy(async () => (await import("../markdown/markdown.ts")).Markdown);
const Requests = lazy(async () => (await import("./requests/requests.ts")).Requests);
const SourcesList = lazy(async () => (await import("./sources/sources-list.ts")).SourcesList);

/** One message and its answer, from the moment it is sent. */
export function TurnView({ signal }: { signal: ReadonlySignal<TurnState | undefined> }) {
  const turn = signal.value;
  return turn && turn.status !== "refused" ? html`<${Shown} turn=${turn} />` : undefined;
}

function Shown({ turn }: { turn: TurnState }) {
  const { key, turn_id, query, attachments, parts, text, status, metadata, error } = turn;
  const root = useRef<HTMLElement>(null);
  const wasOver = useRef(isOver(turn)).current;
  const times = useTimes(turn);
  const isEnded = isOver(turn);
  const isNew = isEnded && !wasOver;
  const isWaiting = openRequests(turn).length > 0;
  const sources = sourcesOf(turn);
  const again = () => turn_id !== undefined && regenerate(turn_id);

  useEffect(() => {
    if (focusedNext.value !== key) return;
    focusedNext.value = undefined;
    root.current?.focus({ preventScroll: true });
  }, [key]);
  useEffect(() => {
    if (isNew) announce(text);
  }, [isNew, text]);

  return html`<article class="turn" ref=${root} tabindex="-1" data-turn-id=${turn_id} aria-busy=${!isEnded && !isWaiting}>
    <h2 class="visually-hidden">You</h2>
    ${attachments && html`<${Attachments} files=${attachments} />`}
    ${(query || turn_id !== undefined) && html`<${Question} query=${query} turnId=${turn_id} />`}
    <h2 class="visually-hidden">Answer</h2>
    <div class="reply">
      <${Strip} turn=${turn} times=${times} />
      <${Trail} turn=${turn} />
      <${Reasoning} turn=${turn} times=${times} />
      ${parts.some(isActive) && html`<${Activity} turn=${turn} />`}
      <${Sources.Provider} value=${sources}>
        <${Markdown} text=${text} isWhole=${isEnded} isPast=${wasOver} />
      <//>
      ${sources.length > 0 && html`<${SourcesList} sources=${sources} />`}
      ${parts.some(({ type }) => type === "request") && html`<${Requests} turn=${turn} />`}
      ${!isEnded && !isWaiting && !isThinking(turn) && html`<p class="working">${wordsFor(turn)}</p>`}
      ${status === "failed" && html`<${Problem} error=${error} isNew=${isNew} retry=${again} />`}
      ${isEnded && metadata && html`<${Facts} metadata=${metadata} times=${times} />`}
      ${isEnded && turn_id !== undefined && html`<${Actions} turn=${turn} />`}
    </div>
  </article>`;
}

/** The part is shown above the answer. */
function isActive(part: Part): boolean {
  return part.type === "tool" || part.type === "custom" || (part.type === "request" && part.status !== "open");
}

function wordsFor(turn: TurnState): string {
  const step = turn.parts.findLast((part) => part.type === "step" && part.status === "running");
  if (turn.status === "sending") return "Sending";
  if (turn.status === "queued" || turn.stage === "queued") return "Waiting for the previous turn";
  const tool = turn.parts.findLast((part) => part.type === "tool" && part.status === "running");
  if (tool?.type === "tool") return `Using ${tool.tool_name}`;
  if (turn.text !== "") return "Answering";
  if (step?.type === "step") return `Working: ${engineName(step.step)}`;
  return turn.conversation_type ? "Thinking" : "Choosing an engine";
}

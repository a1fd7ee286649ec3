import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { current } from "../session/conversations.ts";
import { report } from "../session/notice.ts";
import { endWanted, follows, toEnd } from "../session/scrolling.ts";
import { FollowUps } from "./follow-ups.ts";
import { TurnView } from "./turn.ts";
import { Welcome } from "./welcome.ts";

/** Within this distance, the pane counts as scrolled to the end. */
const nearPx = 60;

/** The conversation. Its end stays in view, unless the user has scrolled up. */
export function Log() {
  const pane = useRef<HTMLElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const outline = current.value?.outline.value;
  const isEmpty = outline?.turnKeys.length === 0;

  useEffect(() => {
    if (!content.current || !pane.current) return;
    const watch = new ResizeObserver(() => follows.value && scrollToEnd(pane.current));
    watch.observe(content.current);
    watch.observe(pane.current);
    return () => watch.disconnect();
  }, []);
  useEffect(loadAhead, []);
  useSignalEffect(() => {
    void endWanted.value;
    scrollToEnd(pane.current);
  });

  /** Only scrolling up leaves the end. Growing text also moves the end away, but must not. */
  function scrolled() {
    if (!pane.current) return;
    const { scrollHeight, scrollTop, clientHeight } = pane.current;
    if (scrollHeight - scrollTop - clientHeight < nearPx) follows.value = true;
    else if (scrollTop < lastTop.current) follows.value = false;
    lastTop.current = scrollTop;
  }

  function clicked({ target }: MouseEvent) {
    if (target instanceof Element && target.closest("summary, .fold, .request")) follows.value = false; // what was opened stays in view
  }

  return html`<main id="log" class=${follows.value ? "follows" : ""} ref=${pane} onScroll=${scrolled}>
    ${isEmpty && (outline.isLoaded || current.value?.isNew) && html`<${Welcome} />`}
    ${outline?.hasEarlier && html`<button id="earlier" type="button" onClick=${loadEarlier}>Show earlier messages</button>`}
    <div id="turns" ref=${content} onClick=${clicked}><${Turns} key=${current.value?.id} /><${FollowUps} /></div>
    <${Latest} isEmpty=${isEmpty} />
  </main>`;
}

/** The first answer needs it. Effects come after the first screen is shown. */
function loadAhead(): void {
  import("../markdown/markdown.ts").catch(() => {}); // it is loaded again when an answer is shown
}

/** A pane without turns is read from its beginning. */
function scrollToEnd(pane: HTMLElement | null): void {
  const isEmpty = current.peek()?.outline.peek().turnKeys.length === 0;
  if (pane) pane.scrollTop = isEmpty ? 0 : pane.scrollHeight;
}

function loadEarlier(): void {
  current.value?.conversation.store.loadEarlier().catch(report);
}

/** All turns. Each follows a signal of its own, so that the others are not rendered when one changes. */
function Turns() {
  const open = current.value;
  return open?.outline.value.turnKeys.map((key) => html`<${TurnView} key=${key} signal=${open.turn(key)} />`);
}

function Latest({ isEmpty }: { isEmpty: boolean | undefined }) {
  if (follows.value || isEmpty) return undefined;
  return html`<${IconButton} icon="latest" id="latest" label="Jump to the latest" press=${toEnd} />`;
}

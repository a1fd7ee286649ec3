import { signal } from "@preact/signals";
import type { VNode } from "preact";

import { html } from "../html.ts";

type MathOf = (tex: string, isDisplayed: boolean) => VNode;

/** Loaded with the first formula. */
const reader = signal<MathOf | undefined>(undefined);
let isAsked = false;

/** In UTF-16 units. A longer formula is shown as written. */
const maxUnits = 4_000;

/** A formula. One with unknown commands is shown as written. */
export function Formula({ source }: { source: string }) {
  if (!isAsked) {
    isAsked = true;
    import("./tex.ts").then(
      ({ mathOf }) => (reader.value = mathOf),
      () => (isAsked = false),
    );
  }
  const math = reader.value && source.length <= maxUnits && read(reader.value, source);
  if (!math) return html`<code class="formula" dir="ltr" data-tex=${source}>${source}</code>`;
  return html`<span class="formula" dir="ltr" data-tex=${source}>${math}</span>`;
}

function read(mathOf: MathOf, source: string): VNode | undefined {
  const isDisplayed = source.startsWith("\\[") || source.startsWith("$$");
  const [, tex = ""] = /^(?:\\[[(]|\$\$?)([\s\S]*?)(?:\\[\])]|\$\$?)[.,;]?$/.exec(source) ?? [];
  const [after = ""] = /[.,;]$/.exec(source) ?? [];
  try {
    return mathOf(tex + after, isDisplayed);
  } catch {
    return undefined; // shown as written
  }
}

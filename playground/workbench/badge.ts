import { html } from "../html.ts";

/** A word that marks something: a draft, a fault, the version in use. */
export function Badge({ words, kind }: { words: string; kind: "draft" | "fault" | "current" }) {
  return html`<span class="badge ${kind}">${words}</span>`;
}

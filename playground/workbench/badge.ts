import { html } from "../html.ts";

/** A label for a draft, an error or the version in use. */
export function Badge({ words, kind }: { words: string; kind: "draft" | "fault" | "current" }) {
  return html`<span class="badge ${kind}">${words}</span>`;
}

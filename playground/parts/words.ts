import { html } from "../html.ts";

/** A sentence with names in backticks. */
export function Words({ text = "" }: { text?: string | undefined }) {
  return html`${text.split("`").map((part, at) => (at % 2 === 1 ? html`<code key=${at}>${part}</code>` : part))}`;
}

import type { Source } from "conversation-channel-client";
import { useState } from "preact/hooks";

import { html } from "../../html.ts";
import { fileAddress, saveFile } from "../../session/files.ts";
import { safeAddress } from "../../session/sources.ts";

interface SourceViewProps {
  source: Source;
  number: number;
}

/** A longer quote is folded. */
const maxQuote = 160;

/** A source: its title as a link, and what the answer is based on in it. */
export function SourceView({ source, number }: SourceViewProps) {
  const { title, url, file_id, quote = "" } = source;
  const address = safeAddress(url);
  return html`<li tabindex="-1" data-source=${number}>
    ${
      address
        ? html`<a href=${address} target="_blank" rel="noopener noreferrer" dir="auto">${title || address}</a>${" "}
            <span class="quiet">${new URL(address).host}</span>`
        : file_id
          ? html`<${FileLink} fileId=${file_id} title=${title} />`
          : html`<span dir="auto">${title}</span>`
    }
    ${quote && html`<${Quote} text=${quote} />`}
  </li>`;
}

function Quote({ text }: { text: string }) {
  if (text.length <= maxQuote) return html`<blockquote dir="auto">${text}</blockquote>`;
  return html`<details class="quote">
    <summary dir="auto">${text.slice(0, maxQuote - 20)}…</summary>
    <blockquote dir="auto">${text}</blockquote>
  </details>`;
}

/** Saves the file. A plain link would come without the key. */
function FileLink({ fileId, title }: { fileId: string; title: string }) {
  const [words, setWords] = useState("");

  async function save(event: MouseEvent) {
    event.preventDefault();
    setWords("Loading…");
    try {
      await saveFile(fileId, title);
      setWords("");
    } catch (error) {
      setWords(error instanceof Error ? error.message : String(error));
    }
  }
  return html`<a href=${fileAddress(fileId)} rel="noopener noreferrer" dir="auto" onClick=${save}>${title || "File"}</a>${" "}
    <span class="quiet" role="status">${words}</span>`;
}

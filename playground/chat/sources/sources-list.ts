import type { Source } from "conversation-channel-client";
import { useState } from "preact/hooks";

import { html } from "../../html.ts";
import { SourceView } from "./source-view.ts";

/** More sources are folded. */
const maxSources = 6;

/** What an answer is based on, numbered as its references. */
export function SourcesList({ sources }: { sources: readonly Source[] }) {
  const [isOpen, setOpen] = useState(false);
  const isLong = sources.length > maxSources + 1;
  const shown = isLong && !isOpen ? sources.slice(0, maxSources) : sources;
  return html`<section class="sources" aria-label="Sources">
    <h3>Sources</h3>
    <ol>
      ${shown.map((source, at) => html`<${SourceView} key=${at} source=${source} number=${at + 1} />`)}
    </ol>
    ${
      isLong &&
      html`<button type="button" class="fold quiet-button" aria-expanded=${isOpen} onClick=${() => setOpen(!isOpen)}>
        ${isOpen ? "Show less" : `Show all ${sources.length}`}
      </button>`
    }
  </section>`;
}

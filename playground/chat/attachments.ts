import type { FileFacts } from "conversation-channel-client";

import { html } from "../html.ts";
import { bytes } from "../parts/bytes.ts";
import { Thumbnail } from "../parts/thumbnail.ts";
import { saveFile } from "../session/files.ts";
import { report } from "../session/notice.ts";

/** The files of a question. A click saves one. */
export function Attachments({ files }: { files: readonly FileFacts[] }) {
  return html`<ul class="files of-question" aria-label="Files of your message">
    ${files.map(
      ({ file_id, name, size, media_type }) =>
        html`<li key=${file_id}>
          <button type="button" class="file" title=${`Save ${name}`} onClick=${() => saveFile(file_id, name).catch(report)}>
            <${Thumbnail} facts=${{ file_id, name, size, media_type }} />
            <span class="name">${name}</span>
            <span class="quiet">${bytes(size)}</span>
          </button>
        </li>`,
    )}
  </ul>`;
}

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { bytes } from "../parts/bytes.ts";
import { Thumbnail } from "../parts/thumbnail.ts";
import { type Attached, attached, detach } from "../session/attached.ts";

/** The files of the next message, above its text. */
export function AttachedFiles() {
  if (attached.value.length === 0) return undefined;
  return html`<ul id="attached" class="files" aria-label="Attached files">
    ${attached.value.map((one) => html`<${Row} key=${one.key} one=${one} />`)}
  </ul>`;
}

function Row({ one: { key, name, size, facts, file } }: { one: Attached }) {
  return html`<li class="file" aria-busy=${facts === undefined}>
    <${Thumbnail} facts=${facts} file=${file} />
    <span class="name" title=${name}>${name}</span>
    <span class="quiet">${facts ? bytes(size) : "Uploading…"}</span>
    <${IconButton} icon="remove" label=${`Remove ${name}`} press=${() => detach(key)} />
  </li>`;
}

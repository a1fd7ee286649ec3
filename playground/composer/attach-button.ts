import { useRef } from "preact/hooks";

import { html } from "../html.ts";
import { IconButton } from "../parts/button.ts";
import { attach } from "../session/attached.ts";

/** Chooses files for the next message. The server looks at what is in them, so the page does not limit their names. */
export function AttachButton() {
  const input = useRef<HTMLInputElement>(null);

  function take() {
    const { current } = input;
    if (!current) return;
    attach([...(current.files ?? [])]);
    current.value = ""; // so that the same file can be chosen again
  }

  return html`<input id="files" ref=${input} type="file" multiple hidden onChange=${take} />
    <${IconButton}
      id="attach"
      icon="attach"
      label="Attach files"
      hint="images, PDFs, text and code; you can also drop or paste them"
      press=${() => input.current?.click()}
    />`;
}

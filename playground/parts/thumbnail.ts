import { downloadFile, type FileFacts } from "conversation-channel-client";
import { useEffect, useState } from "preact/hooks";

import { html } from "../html.ts";
import { socket } from "../session/socket.ts";
import { Icon } from "./icon.ts";

interface ThumbnailProps {
  /** Undefined while it is being uploaded. */
  facts: FileFacts | undefined;
  /** The file, if this page has it. Otherwise it is loaded. */
  file?: Blob | undefined;
}

/** A small picture of an image, and a mark for any other file. */
export function Thumbnail({ facts, file }: ThumbnailProps) {
  const [address, setAddress] = useState<string>();
  const fileId = facts?.media_type.startsWith("image/") ? facts.file_id : undefined;

  useEffect(() => {
    if (fileId === undefined) return;
    let made: string | undefined;
    let isGone = false;
    const show = (blob: Blob) => {
      if (isGone) return;
      made = URL.createObjectURL(blob);
      setAddress(made);
    };
    if (file) show(file);
    else downloadFile(socket, fileId).then(show, () => {}); // the mark stays
    return () => {
      isGone = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [fileId, file]);

  return address
    ? html`<img class="thumbnail" src=${address} alt="" />`
    : html`<span class="mark"><${Icon} name="file" /></span>`;
}

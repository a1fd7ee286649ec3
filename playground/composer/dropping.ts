import { useEffect, useState } from "preact/hooks";

import { html } from "../html.ts";
import { attach } from "../session/attached.ts";

const hasFiles = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") ?? false;

/** Takes files that are dropped anywhere on the page, and shows that it would while they are dragged over it. */
export function DropTarget() {
  const [isOver, setOver] = useState(false);

  useEffect(() => {
    function over(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault(); // or the browser would open the file in place of the page
      setOver(true);
    }
    function leave(event: DragEvent) {
      if (event.relatedTarget === null) setOver(false); // the pointer has left the window
    }
    function drop(event: DragEvent) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      attach([...(event.dataTransfer?.files ?? [])]);
    }
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, []);

  return isOver && html`<p id="drop-target" aria-hidden="true">Drop the files to attach them to your message</p>`;
}

import { element } from "../element.js";

/** The drawing, in a frame that can do nothing but draw. It is loaded when the first graph is shown. */
export function graphFrame({ picked, failed }) {
  const frame = element("iframe", "drawing");
  let isReady = false;
  let shown;
  let states = [];
  frame.title = "Drawing of the graph; the list below says the same in words";
  frame.tabIndex = -1;
  frame.setAttribute("sandbox", "allow-scripts");
  frame.src = "/assets/graph/index.html";

  /** A frame without an origin can be addressed by no origin but any; what it is sent, the page shows anyway. */
  function send(message) {
    if (isReady) frame.contentWindow.postMessage(message, "*");
  }

  const heard = {
    ready() {
      isReady = true;
      if (shown) send({ mermaid: shown, states });
    },
    sized({ height }) {
      frame.height = String(Math.ceil(Number(height)) || 0);
    },
    picked: ({ node }) => picked(String(node)),
    failed: ({ message }) => failed(String(message)),
  };
  addEventListener("message", ({ origin, source, data }) => {
    if (source !== frame.contentWindow || origin !== "null") return;
    if (Object.hasOwn(heard, data?.type)) heard[data.type](data);
  });

  return {
    root: frame,
    show(mermaid, lit) {
      states = lit;
      send(mermaid === shown ? { states } : { mermaid, states });
      shown = mermaid;
    },
  };
}

import { element } from "../element.js";

/** The drawing, in a sandboxed frame. `picked` gets a clicked node, `failed` an error message. */
export function graphFrame({ picked, failed }) {
  const frame = element("iframe", "drawing");
  let isReady = false;
  let shown;
  let states = [];
  frame.title = "Drawing of the graph. The list below has the same information.";
  frame.tabIndex = -1;
  frame.setAttribute("sandbox", "allow-scripts");
  frame.src = "assets/graph/index.html";

  /** The frame has no origin, so the target has to be "*". The messages contain nothing secret. */
  function send(message) {
    if (isReady) frame.contentWindow.postMessage(message, "*");
  }

  const heard = {
    ready() {
      isReady = true;
      if (shown) send({ mermaid: shown, states });
    },
    resized({ height }) {
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
    show(mermaid, newStates) {
      states = newStates;
      send(mermaid === shown ? { states } : { mermaid, states });
      shown = mermaid;
    },
  };
}

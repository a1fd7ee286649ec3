import { useEffect, useRef } from "preact/hooks";

import { html } from "../html.ts";
import { theme } from "../session/theme.ts";
import type { NodeState } from "./graph-states.ts";

interface GraphFrameProps {
  mermaid: string;
  states: [string, NodeState][];
  picked: (node: string) => void;
  failed: (message: string) => void;
}

interface Told {
  type?: "ready" | "resized" | "picked" | "failed";
  height?: unknown;
  node?: unknown;
  message?: unknown;
}

/** The drawing, in a sandboxed frame. `picked` gets a clicked node, `failed` an error message. */
export function GraphFrame({ mermaid, states, picked, failed }: GraphFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const latest = useRef({ mermaid, states, picked, failed });
  const drawn = useRef<string | undefined>(undefined);
  const isReady = useRef(false);
  latest.current = { mermaid, states, picked, failed };

  /** The frame has no origin, so the target has to be "*". The messages contain nothing secret. */
  function send() {
    if (!isReady.current) return;
    const { mermaid, states } = latest.current;
    const order = { theme: theme.peek(), states, ...(mermaid !== drawn.current && { mermaid }) };
    frame.current?.contentWindow?.postMessage(order, "*");
    drawn.current = mermaid;
  }

  useEffect(send, [mermaid, JSON.stringify(states), theme.value]);
  useEffect(() => {
    function listen({ origin, source, data }: MessageEvent<Told | undefined>) {
      const element = frame.current;
      if (!element || source !== element.contentWindow || origin !== "null") return;
      if (data?.type === "resized") element.height = String(Math.ceil(Number(data.height)) || 0);
      if (data?.type === "picked") latest.current.picked(String(data.node));
      if (data?.type === "failed") latest.current.failed(String(data.message));
      if (data?.type !== "ready") return;
      isReady.current = true;
      drawn.current = undefined;
      send();
    }
    addEventListener("message", listen);
    return () => removeEventListener("message", listen);
  }, []);

  return html`<iframe
    ref=${frame}
    class="drawing"
    title="Drawing of the graph. The list below has the same information."
    tabindex="-1"
    sandbox="allow-scripts"
    src="assets/graph/index.html"
  />`;
}

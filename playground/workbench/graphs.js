import { signal } from "./signal.js";

/** The server's graphs. With `npm run dev`, they change when their files do. */
export function graphList(link) {
  const changed = signal();
  let all = [];
  let fault = null;

  function take({ graphs, graph_fault }) {
    all = graphs;
    fault = graph_fault;
    changed.tell();
  }

  link.on("joined", take);
  link.on("graphs_changed", take);
  return {
    onChange: changed.on,
    get all() {
      return all;
    },
    get fault() {
      return fault;
    },
    named: (name) => all.find((graph) => graph.name === name),
  };
}

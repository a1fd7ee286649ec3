// Loaded into the server before its own program: adds two engines to the registry. `agent` is a `createAgent` without tools, and `silent` answers
// without a model.
import { registerHooks } from "node:module";

const registry = "export const engines = {\n";

const imports = `
import { START } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { model } from "./model.ts";
import { asEngine, engine } from "./state.ts";
import { stock } from "./stock.ts";
`;

const graphs = `
const agent = stock(createAgent({ model: model() }));
const silent = engine()
  .addNode("respond", () => ({ answer: " w0000" }))
  .addEdge(START, "respond")
  .compile(asEngine);
`;

const lines = `
  agent: { routedTo: "agent", when: "never", graph: agent },
  silent: { routedTo: "silent", when: "never", graph: silent },
`;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.endsWith("/graphs/engines.ts")) return loaded;
    const source = String(loaded.source).replace(registry, `${graphs}${registry}${lines}`);
    return { ...loaded, source: `${imports}${source}` };
  },
});

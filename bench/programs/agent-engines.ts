// Loaded into the server before its own program: adds two engines to the registry. `agent` is a `createAgent` without tools, and `silent` answers
// without a model.
import { registerHooks } from "node:module";

const registry = "export const engines = {\n";

const imports = `
import { START as BEGIN } from "@langchain/langgraph";
import { createAgent } from "langchain";
import * as models from "./model.ts";
import * as states from "./state.ts";
import * as stocks from "./stock.ts";
`;

const graphs = `
const agent = stocks.stock(createAgent({ model: models.model() }));
const silent = states.engine()
  .addNode("respond", () => ({ answer: " w0000" }))
  .addEdge(BEGIN, "respond")
  .compile(states.asEngine);
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

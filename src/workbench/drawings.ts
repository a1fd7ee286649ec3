import type { Brain } from "../../graphs/brain.ts";
import type { Graph } from "./wire/prompts.ts";

/** What a graph of LangGraph has to be drawn. */
type Drawable = Pick<Brain["conversation"], "getGraphAsync"> & { nodes: object };

/** The whole graph, then each engine. An engine that runs a stock graph is drawn as that graph. */
export async function drawings({ conversation, engines }: Brain): Promise<Graph[]> {
  const all = Object.entries(engines).map(async ([name, { routedTo, graph }]): Promise<Graph> => {
    const stock = "stock" in graph ? (graph.stock as unknown as Drawable) : undefined; // a compiled graph or an entrypoint
    const drawn = stock ? await drawingOfStock(stock) : await drawing(graph, false);
    return { name, routed_to: routedTo, is_stock: stock !== undefined, ...drawn };
  });
  const whole = { name: "conversation", routed_to: null, is_stock: false, ...(await drawing(conversation, false)) };
  return [whole, ...(await Promise.all(all))];
}

type Drawn = Pick<Graph, "mermaid" | "nodes">;

/** `xray`: with the nodes of subgraphs. */
async function drawing(graph: Drawable, xray: boolean): Promise<Drawn> {
  const drawable = await graph.getGraphAsync({ xray });
  return { mermaid: drawable.drawMermaid(), nodes: Object.keys(drawable.nodes) };
}

async function drawingOfStock(graph: Drawable): Promise<Drawn> {
  const [only = ""] = Object.keys(graph.nodes);
  const isGraph = "__start__" in graph.nodes;
  if (!isGraph) return drawingOfEntrypoint(only);
  try {
    return await drawing(graph, true);
  } catch {
    return await drawing(graph, false); // a subgraph that cannot be drawn
  }
}

/** What an entrypoint of the functional API runs is not known before it runs. */
function drawingOfEntrypoint(name: string): Drawn {
  const id = name.replace(/[^\w-]/g, "_");
  const lines = ["__start__([start])", `${id}(${id})`, "__end__([end])", `__start__ --> ${id};`, `${id} --> __end__;`];
  return { mermaid: `graph TD;\n\t${lines.join("\n\t")}\n`, nodes: ["__start__", name, "__end__"] };
}

/** The engines that use a prompt, by the first part of its name: `problem-solver.answer` belongs to the problem solver. Empty for shared prompts. */
export function enginesOf({ engines }: Pick<Brain, "engines">, prompt: string): string[] {
  const prefix = prompt.split(".", 1)[0]?.replaceAll("-", "_");
  return Object.entries(engines).flatMap(([type, { routedTo }]) =>
    type === prefix || routedTo === prefix ? [type] : [],
  );
}

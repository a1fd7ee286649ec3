import type { Brain } from "../../graphs/brain.ts";

/** A drawing of a graph. */
export interface Drawing {
  /** `conversation`, or the engine's conversation type. */
  name: string;
  routed_to: string | null;
  mermaid: string;
  nodes: string[];
}

/** The whole graph, then each engine. */
export async function drawings({ conversation, engines }: Brain): Promise<Drawing[]> {
  const all = Object.entries(engines).map(([name, { routedTo, graph }]) => drawing(name, routedTo, graph));
  return await Promise.all([drawing("conversation", null, conversation), ...all]);
}

type Drawable = Pick<Brain["conversation"], "getGraphAsync">;

async function drawing(name: string, routed_to: string | null, graph: Drawable): Promise<Drawing> {
  const drawable = await graph.getGraphAsync();
  return { name, routed_to, mermaid: drawable.drawMermaid(), nodes: Object.keys(drawable.nodes) };
}

/** The engines that use a prompt, by the first part of its name: `problem-solver.answer` belongs to the problem solver. Empty for shared prompts. */
export function enginesOf({ engines }: Pick<Brain, "engines">, prompt: string): string[] {
  const prefix = prompt.split(".", 1)[0]?.replaceAll("-", "_");
  return Object.entries(engines).flatMap(([type, { routedTo }]) =>
    type === prefix || routedTo === prefix ? [type] : [],
  );
}

import { InMemoryStore } from "@langchain/langgraph";

/** The engines whose graph was compiled with a store that is lost with the process. */
export function enginesThatForget(engines: Record<string, { graph: object }>): string[] {
  return Object.entries(engines)
    .filter(([, { graph }]) => {
      const { stock } = graph as { stock?: { store?: unknown } };
      return stock?.store instanceof InMemoryStore;
    })
    .map(([type]) => type);
}

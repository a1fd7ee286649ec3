import type { BaseCheckpointSaver } from "@langchain/langgraph";

import type { Brain as TurnBrain } from "../turns/thread.ts";
import type { Brain, Graphs } from "./graphs.ts";

/** What turns run with, compiled once for each state of the files. */
export function compiled(graphs: Graphs, checkpointer: BaseCheckpointSaver): () => TurnBrain {
  const known = new WeakMap<Brain, TurnBrain>();
  return () => {
    const brain = graphs.current();
    const made = known.get(brain) ?? { ...brain, graph: brain.conversation(checkpointer) };
    known.set(brain, made);
    return made;
  };
}

import { computed, effect, signal } from "@preact/signals";

import { published } from "./published.ts";
import { workbench } from "./workbench-link.ts";

/** From the workbench, which tells when a file of graphs changes. Empty until it is joined. */
const drawn = signal<readonly string[]>([]);

/** The server's engines. Empty until they are known. */
export const engines = computed(() => (drawn.value.length > 0 ? drawn.value : listed()));

function listed(): readonly string[] {
  return (
    published.value?.components.messages["event.response"].payload.properties.conversation_type.anyOf[0]?.enum ?? []
  );
}

interface Graphs {
  graphs: { name: string; routed_to: string | null }[];
}

function take({ graphs }: Graphs): void {
  drawn.value = graphs.filter(({ routed_to }) => routed_to !== null).map(({ name }) => name);
}

workbench.on<Graphs>("graphs_changed", take);
effect(() => {
  if (workbench.reply.value) take(workbench.reply.value);
});

export function engineName(type: string): string {
  return type.replaceAll("_", " ");
}

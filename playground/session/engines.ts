import { computed, effect, signal } from "@preact/signals";

import { workbench } from "./workbench-link.ts";

/** From the server's AsyncAPI document, which is as old as its start. */
const published = signal<readonly string[]>([]);
/** From the workbench, which tells when a file of graphs changes. Empty until it is joined. */
const drawn = signal<readonly string[]>([]);

/** The server's engines. Empty until they are known. */
export const engines = computed(() => (drawn.value.length > 0 ? drawn.value : published.value));

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

interface AsyncApi {
  components: {
    messages: {
      "event.response": { payload: { properties: { conversation_type: { anyOf: { enum: string[] }[] } } } };
    };
  };
}

/** If this fails, the engines stay unknown and the next call tries again. */
export async function loadEngines(): Promise<void> {
  if (published.value.length > 0) return;
  try {
    const { components } = (await (await fetch("asyncapi.json")).json()) as AsyncApi;
    published.value = components.messages["event.response"].payload.properties.conversation_type.anyOf[0]?.enum ?? [];
  } catch {
    // The message goes to the engine that the router chooses.
  }
}

import { signal } from "@preact/signals";

/** The server's engines, from its AsyncAPI document. Empty until they are known. */
export const engines = signal<readonly string[]>([]);

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
  if (engines.value.length > 0) return;
  try {
    const { components } = (await (await fetch("asyncapi.json")).json()) as AsyncApi;
    engines.value = components.messages["event.response"].payload.properties.conversation_type.anyOf[0]?.enum ?? [];
  } catch {
    // The message goes to the engine that the router chooses.
  }
}

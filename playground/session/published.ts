import { signal } from "@preact/signals";

/** The parts of the server's AsyncAPI document that the page reads. */
interface AsyncApi {
  components: {
    messages: {
      "event.response": { payload: { properties: { conversation_type: { anyOf: { enum: string[] }[] } } } };
      "push.message": { payload: { properties: { content: { maxLength?: number } } } };
    };
  };
}

/** The server's AsyncAPI document, as old as its start. Undefined until it is loaded. */
export const published = signal<AsyncApi | undefined>(undefined);

/** If this fails, the next call tries again. */
export async function loadPublished(): Promise<void> {
  if (published.value) return;
  try {
    published.value = (await (await fetch("asyncapi.json")).json()) as AsyncApi;
  } catch {
    // Until then, the router chooses the engine, and the server knows the limits.
  }
}

let known;

/** The engines as the server knows them: its AsyncAPI document lists them by the registry. Asked for once. */
export function engines() {
  known ??= read();
  return known;
}

/** Adds them to a select. */
export async function offerEngines(select) {
  for (const type of await engines()) select.append(new Option(engineName(type), type));
}

export function engineName(type) {
  return type.replaceAll("_", " ");
}

/** Without the list nothing can be chosen, and all else works. */
async function read() {
  try {
    const { components } = await (await fetch("/asyncapi.json")).json();
    return components.messages["event.response"].payload.properties.conversation_type.anyOf[0].enum;
  } catch {
    known = undefined;
    return [];
  }
}

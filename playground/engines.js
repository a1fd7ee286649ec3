let known;

/** The server's engines, from its AsyncAPI document. Fetched once. */
export function engines() {
  known ??= read();
  return known;
}

/** Adds the engines to a select element. */
export async function offerEngines(select) {
  for (const type of await engines()) select.append(new Option(engineName(type), type));
}

export function engineName(type) {
  return type.replaceAll("_", " ");
}

/** If this fails, the list is empty and the next call tries again. */
async function read() {
  try {
    const { components } = await (await fetch("asyncapi.json")).json();
    return components.messages["event.response"].payload.properties.conversation_type.anyOf[0].enum;
  } catch {
    known = undefined;
    return [];
  }
}

import { isText, type ModelRequest, type ModelServer, smartReply } from "../../support/model-server.ts";

export type Answers = ReturnType<typeof answers>;

interface Pace {
  /** Words of an answer, or of the answer to this message. */
  words?: number | ((name: string) => number);
  /** Between two words. */
  everyMs?: number;
  /** How long a step takes. */
  stepMs?: number;
}

/** The message `<name>` is asked about, with what else it says. Its name is in each request for it. */
export const contentOf = (name: string) => `Question <${name}>?`;

/** The message that a request is for. Undefined if it is for none, such as a summary of several. */
export function nameIn({ user }: ModelRequest): string | undefined {
  const [name, ...others] = new Set([...user.matchAll(/<([^<> ]+)>/g)].map(([, found]) => found));
  return others.length === 0 ? name : undefined;
}

/** The model answers with words that tell which request they are for, so that those of two attempts cannot be mistaken for one answer. */
export function answers(model: ModelServer, { words = 20, everyMs = 40, stepMs = 40 }: Pace = {}) {
  const said = new Map<string, string[]>();

  model.answer((request) => {
    const name = nameIn(request);
    if (!isText(request) || name === undefined) return { ...smartReply(request), headersDelayMs: stepMs };
    const tries = said.get(name) ?? [];
    const own = `${name}/${tries.length + 1}`;
    const chunks = Array.from({ length: typeof words === "number" ? words : words(name) }, (_, index) =>
      index === 0 ? `${own}:` : ` ${index}`,
    );
    said.set(name, [...tries, chunks.join("")]);
    return { chunks, chunkDelayMs: everyMs };
  });

  return {
    requests: model.requests,
    /** All texts that the model was to say in answer to a message, one for each attempt. */
    said: (name: string): readonly string[] => said.get(name) ?? [],
    /** What a graph says by itself in answer to a message. */
    expect: (name: string, text: string) => void said.set(name, [text]),
    /** The text requests for a message, in order. */
    requestsFor: (name: string) => model.requests.filter((request) => isText(request) && nameIn(request) === name),
  };
}

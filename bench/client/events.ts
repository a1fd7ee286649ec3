/** The texts of a streamed completion, grouped by network read. Does only what is needed to read the stream. */
export async function* events(response: Response): AsyncGenerator<string[]> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n\n");
    rest = lines.pop() ?? "";
    const texts = lines.flatMap(textOf);
    if (texts.length > 0) yield texts;
  }
}

function textOf(line: string): string[] {
  if (line === "data: [DONE]") return [];
  const text: unknown = JSON.parse(line.slice("data: ".length)).choices[0]?.delta.content;
  return typeof text === "string" && text !== "" ? [text] : [];
}

import { ToolMessage } from "@langchain/core/messages";

import { Source } from "../files.ts";

/** What the result of a tool names as its sources: `artifact: {sources: [{title, …}]}`. */
export function sourcesOf(output: unknown): Source[] {
  const artifact: unknown = ToolMessage.isInstance(output) ? output.artifact : undefined;
  const { sources } = Object(artifact);
  return Array.isArray(sources) ? sources.flatMap((source) => Source.safeParse(source).data ?? []) : [];
}

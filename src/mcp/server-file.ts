import { z } from "zod";

import { parsedJson } from "../../graphs/json.ts";
import { optional } from "../settings/kinds.ts";
import { readingProblem, readText } from "../settings/text-file.ts";

/** Longest call of a tool. */
const defaultTimeoutMs = 60_000;

const Common = { timeout: z.number().int().min(1).default(defaultTimeoutMs), disabled: z.boolean().default(false) };

const Texts = z.record(z.string(), z.string());

const Process = z.object({
  ...Common,
  type: z.literal("stdio").optional(),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: Texts.default({}),
  cwd: z.string().optional(),
});

const Remote = z.object({
  ...Common,
  type: z.enum(["http", "streamable-http", "streamableHttp"]).optional(),
  url: z.url({ protocol: /^https?$/ }),
  headers: Texts.default({}),
});

/** How to reach an MCP server: a command to run, or a URL. */
export type McpSettings = { name: string } & (z.infer<typeof Process> | z.infer<typeof Remote>);

const File = z.object({ mcpServers: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The setting MCP_SERVERS: the servers that the file names, without those that are disabled. */
export const mcpServers = optional.transform((path, context): readonly McpSettings[] => {
  if (path === undefined) return [];
  const { servers, problems } = serversIn(path);
  for (const message of problems) context.addIssue({ code: "custom", message: `${path}: ${message}` });
  return servers;
});

interface Found {
  servers: McpSettings[];
  problems: string[];
}

function serversIn(path: string): Found {
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    return { servers: [], problems: [`cannot be read: ${readingProblem(error)}`] };
  }
  const file = File.safeParse(parsedJson(text));
  if (!file.success) return { servers: [], problems: ['expected JSON of the form {"mcpServers": {"name": {…}}}'] };
  const found: Found = { servers: [], problems: [] };
  for (const [name, entry] of Object.entries(file.data.mcpServers)) {
    const server = serverOf(name, entry);
    if (typeof server === "string") found.problems.push(`the server ${JSON.stringify(name)} ${server}`);
    else if (!server.disabled) found.servers.push(server);
  }
  return found;
}

/** Or what is wrong with it. Keys that other clients know are ignored. */
function serverOf(name: string, entry: Record<string, unknown>): McpSettings | string {
  if (!/^[\w.-]{1,64}$/.test(name)) return "needs a name of 1 to 64 letters, digits, _, - or .";
  if (entry.type === "sse" || entry.transport === "sse") return "uses SSE, which MCP has replaced by streamable HTTP";
  if ("command" in entry === "url" in entry) return "needs a command or a url";
  const parsed = ("command" in entry ? Process : Remote).safeParse(entry);
  if (parsed.success) return { name, ...parsed.data };
  const [issue] = parsed.error.issues;
  return `has a wrong ${issue?.path.join(".")}: ${issue?.message}`;
}

import { z } from "zod";

import { inbound, joinParams } from "../../src/channel/inbound.ts";
import { outbound, Refusal, replies } from "../../src/channel/outbound.ts";
import { ErrorCode } from "../../src/errors.ts";

/** A Markdown reference of the channel's events. */
export function reference(): string {
  const sections = [
    "# The channel `conversation:<conversation_id>`",
    "Generated from the schemas in `src/channel/` by `npm run docs`. As AsyncAPI: `GET /asyncapi.json`.",
    "## Join",
    event(
      "phx_join",
      z
        .object(joinParams)
        .partial()
        .describe(
          "Every field is optional. Invalid `preferences` and `resume` are ignored with a warning; a wrong `user_id` is refused.",
        ),
      replies.phx_join,
    ),
    "## Events from the client",
    "Every push gets a reply: `ok` with the fields listed under its event, or `error` with these fields. An error also arrives as an `error` event.",
    fields(Refusal),
    ...Object.entries(inbound).map(([name, schema]) => event(name, schema, replies[name as keyof typeof replies])),
    "## Events from the server",
    ...Object.entries(outbound).map(([name, schema]) => event(name, schema)),
    "## Error codes",
    ErrorCode.options.map((code) => `\`${code}\``).join(" · "),
  ];
  return `${sections.join("\n\n")}\n`;
}

function event(name: string, schema: z.ZodType, reply?: z.ZodType): string {
  const parts = [`### \`${name}\``, schema.description ?? "", fields(schema)];
  if (reply) parts.push("Reply:", fields(reply));
  return parts.filter(Boolean).join("\n\n");
}

interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  allOf?: JsonSchema[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

function fields(schema: z.ZodType): string {
  const rows = rowsOf(z.toJSONSchema(schema, { unrepresentable: "any", io: "input" }) as JsonSchema, "");
  if (rows.length === 0) return "No fields.";
  return ["| field | type | |", "| --- | --- | --- |", ...rows].join("\n");
}

/** One table row per field. Fields of nested objects follow their parent, with dotted names. */
function rowsOf(schema: JsonSchema, prefix: string): string[] {
  const parts = [schema, ...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.items ? [schema.items] : [])];
  return parts.flatMap((part) => {
    const inner = part === schema ? [] : rowsOf(part, prefix);
    const own = Object.entries(part.properties ?? {}).flatMap(([name, field]) => {
      const path = `${prefix}${name}`;
      const optional = part.required?.includes(name) ? "" : "?";
      return [
        `| \`${path}${optional}\` | ${typeOf(field)} | ${field.description ?? ""} |`,
        ...rowsOf(field, `${path}.`),
      ];
    });
    return part === schema ? own : inner;
  });
}

function typeOf(field: JsonSchema): string {
  const bounds = (field.anyOf ?? [field]).map(boundsOf).join("");
  return `${nameOf(field)}${bounds && `, ${bounds}`}`;
}

function nameOf(field: JsonSchema): string {
  if (field.enum) return field.enum.map((value) => `\`${value}\``).join(", ");
  if (field.const !== undefined) return `\`${field.const}\``;
  if (field.anyOf) return field.anyOf.map(nameOf).join(" or ");
  if (field.allOf) return "object";
  if (field.type === "array" && field.items) return `list of ${nameOf(field.items)}`;
  return [field.type ?? "any"].flat().join(" or ");
}

/** What Zod writes for an integer without a bound. */
const unbounded = Number.MAX_SAFE_INTEGER;

/** `0 to 2`, `1 to 128 characters`, `1 to 50 entries`. */
function boundsOf(field: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = field;
  if (field.enum) return "";
  if (maxItems !== undefined) return `${range(minItems, maxItems)} entries`;
  if (maxLength !== undefined) return `${range(minLength, maxLength)} characters`;
  if (minLength === 1) return "not empty";
  if (maximum !== undefined && maximum < unbounded) return range(minimum, maximum);
  return minimum !== undefined && minimum > -unbounded ? `at least ${minimum}` : "";
}

function range(from: number | undefined, to: number): string {
  return from === undefined ? `at most ${to.toLocaleString("en")}` : `${from} to ${to.toLocaleString("en")}`;
}

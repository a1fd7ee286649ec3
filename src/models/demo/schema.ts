interface JsonSchema {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  minimum?: number;
  minItems?: number;
}

/** Deeper than any step's schema. */
const maxDepth = 8;

/** A value that fits a step's JSON schema. Its texts say what a model would write there. */
export function filled(schema: JsonSchema, subject: string, name = "", depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (depth > maxDepth) return null;
  const inner = (one: JsonSchema, key: string) => filled(one, subject, key, depth + 1);
  if (schema.anyOf?.[0]) return inner(schema.anyOf[0], name);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, one]) => [key, inner(one, key)]));
    case "array":
      return Array.from({ length: Math.max(schema.minItems ?? 0, 2) }, () => inner(schema.items ?? {}, name));
    case "number":
    case "integer":
      return schema.minimum ?? 1;
    case "boolean":
      return true;
    case "null":
      return null;
    default:
      return `Demo of ${schema.description ?? (name || "a text")} ${subject}`;
  }
}

/** The part of JSON Schema that structured output supports. */
export interface JsonSchema {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  prefixItems?: JsonSchema[];
  minItems?: number;
  maxItems?: number;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  $defs?: Record<string, JsonSchema>;
  definitions?: Record<string, JsonSchema>;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}

/** A small value that satisfies the schema: short texts, lists of two, the first of each enum, 0.5 and false. */
export function fillSchema(schema: JsonSchema, name = "value", root: JsonSchema = schema, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.$ref) return fillSchema(resolve(schema.$ref, root), name, root, depth + 1);
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return fillSchema(pick(options, depth), name, root, depth + 1);
  if (schema.allOf) return fillSchema(merge(schema.allOf, root), name, root, depth + 1);
  switch (typeOf(schema)) {
    case "object":
      return fillObject(schema, root, depth);
    case "array":
      return fillArray(schema, name, root, depth);
    case "string":
      return fillString(schema, name);
    case "integer":
      return Math.ceil(within(schema, 1, 1));
    case "number":
      return within(schema, 0.5, 0.25);
    case "boolean":
      return false;
    default:
      return null;
  }
}

function typeOf(schema: JsonSchema): string | undefined {
  const type = Array.isArray(schema.type) ? schema.type.find((one) => one !== "null") : schema.type;
  if (type) return type;
  if (schema.properties) return "object";
  return schema.items ? "array" : undefined;
}

function fillObject(schema: JsonSchema, root: JsonSchema, depth: number): Record<string, unknown> {
  const filled: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const wanted = depth < 6 || schema.required?.includes(key);
    if (wanted) filled[key] = fillSchema(property, key, root, depth + 1);
  }
  const isRecord = !schema.properties && typeof schema.additionalProperties === "object";
  if (isRecord) filled.key = fillSchema(schema.additionalProperties as JsonSchema, "key", root, depth + 1);
  return filled;
}

function fillArray(schema: JsonSchema, name: string, root: JsonSchema, depth: number): unknown[] {
  if (schema.prefixItems) return schema.prefixItems.map((item) => fillSchema(item, name, root, depth + 1));
  const usual = depth < 6 ? 2 : 0;
  const length = Math.min(schema.maxItems ?? usual, Math.max(schema.minItems ?? 0, usual));
  const item = schema.items ?? { type: "string" };
  return Array.from({ length }, (_, index) => fillSchema(item, `${name} ${index + 1}`, root, depth + 1));
}

const formats: Record<string, string> = {
  "date-time": "2026-01-02T03:04:05Z",
  date: "2026-01-02",
  email: "a@example.com",
  uri: "https://example.com",
  uuid: "00000000-0000-4000-8000-000000000000",
};

function fillString(schema: JsonSchema, name: string): string {
  const text = (schema.format && formats[schema.format]) ?? name.replaceAll("_", " ");
  return text.padEnd(schema.minLength ?? 0, ".").slice(0, schema.maxLength);
}

function within(schema: JsonSchema, value: number, step: number): number {
  const least = schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + step : schema.minimum;
  const most = schema.exclusiveMaximum !== undefined ? schema.exclusiveMaximum - step : schema.maximum;
  return Math.min(Math.max(value, least ?? value), most ?? Number.POSITIVE_INFINITY);
}

/** Null ends a recursive schema; elsewhere a value is preferred. */
function pick(options: JsonSchema[], depth: number): JsonSchema {
  const empty = options.find((option) => option.type === "null");
  const full = options.find((option) => option.type !== "null");
  return (depth > 8 ? (empty ?? full) : (full ?? empty)) ?? {};
}

function resolve(ref: string, root: JsonSchema): JsonSchema {
  if (ref === "#") return root;
  const name = ref.split("/").at(-1) ?? "";
  const found = root.$defs?.[name] ?? root.definitions?.[name];
  if (!found) throw new Error(`schema has no ${ref}`);
  return found;
}

function merge(parts: JsonSchema[], root: JsonSchema): JsonSchema {
  const merged: JsonSchema = {};
  for (const part of parts) {
    const one = part.$ref ? resolve(part.$ref, root) : part;
    Object.assign(merged, one, { properties: { ...merged.properties, ...one.properties } });
  }
  return merged;
}

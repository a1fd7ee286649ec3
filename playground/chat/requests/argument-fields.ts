import { readJson } from "./read-json.ts";
import type { Action } from "./request-kind.ts";

/** A field of the form that edits the arguments of a call. */
export interface ArgumentField {
  name: string;
  kind: "text" | "number" | "boolean" | "choice" | "json";
  description: string;
  choices: readonly string[];
  isInteger: boolean;
  isRequired: boolean;
  /** What the field shows first. */
  text: string;
}

type Schema = Record<string, unknown>;

/** The fields for the arguments, and for those that only the schema knows. */
export function fieldsOf({ args, schema }: Action): ArgumentField[] {
  const properties = objectOr(schema?.properties);
  const required = Array.isArray(schema?.required) ? schema.required : [];
  const names = [...new Set([...Object.keys(args), ...Object.keys(properties)])];
  return names.map((name) => {
    const property = objectOr(properties[name]);
    const value = args[name];
    const kind = kindOf(value, property);
    const { description } = property;
    return {
      name,
      kind,
      description: typeof description === "string" ? description : "",
      choices: kind === "choice" ? (property.enum as string[]) : [], // see kindOf
      isInteger: property.type === "integer",
      isRequired: required.includes(name) || Object.hasOwn(args, name),
      text: textOf(value, kind),
    };
  });
}

function kindOf(value: unknown, { type, enum: choices }: Schema): ArgumentField["kind"] {
  const all: unknown[] = Array.isArray(choices) ? choices : [];
  if (
    all.length > 0 &&
    all.every((one) => typeof one === "string") &&
    (value === undefined || all.some((one) => one === value))
  )
    return "choice";
  const given = value === undefined ? type : typeof value;
  if (given === "string") return "text";
  if (given === "number" || given === "integer") return "number";
  return given === "boolean" ? "boolean" : "json";
}

function textOf(value: unknown, kind: ArgumentField["kind"]): string {
  if (value === undefined) return "";
  return kind === "json" ? JSON.stringify(value, null, 2) : String(value);
}

/** The value of what was typed, or why it is none. An optional argument that is left empty is left out. */
export function readField(field: ArgumentField, text: string): { value?: unknown; problem?: string } {
  const { kind, isInteger, isRequired } = field;
  if (text === "" && !isRequired) return {};
  if (kind === "boolean") return { value: text === "true" };
  if (kind === "json") return readJson(text);
  if (kind !== "number") return { value: text };
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) return { problem: "Enter a number." };
  return isInteger && !Number.isInteger(number) ? { problem: "Enter a whole number." } : { value: number };
}

function objectOr(value: unknown): Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A preference with a field of its own. */
export interface PreferenceField {
  name: string;
  label: string;
  placeholder: string;
  number?: { min: number; max: number; step: string };
  options?: Record<string, string>;
}

export const preferenceFields: readonly PreferenceField[] = [
  { name: "model", label: "Model", placeholder: "server default" },
  { name: "temperature", label: "Temperature", placeholder: "0 to 2", number: { min: 0, max: 2, step: "any" } },
  {
    name: "max_tokens",
    label: "Maximum answer length, tokens",
    placeholder: "1 to 32768",
    number: { min: 1, max: 32_768, step: "1" },
  },
  { name: "top_p", label: "top_p", placeholder: "0 to 1", number: { min: 0, max: 1, step: "any" } },
  { name: "response_style", label: "Style", placeholder: "concise, detailed …" },
  { name: "language", label: "Language", placeholder: "English, Deutsch …" },
  { name: "timezone", label: "Time zone", placeholder: "Europe/Berlin" },
  {
    name: "include_sources",
    label: "Sources",
    placeholder: "",
    options: { "": "include, by default", true: "include", false: "leave out" },
  },
];

/** The value of what was typed. */
export function preferenceOf({ name, number }: PreferenceField, text: string): unknown {
  if (number) return Number(text);
  return name === "include_sources" ? text === "true" : text;
}

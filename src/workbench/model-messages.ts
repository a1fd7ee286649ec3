import { z } from "zod";

/** Characters that a header can carry. */
const Key = z
  .string()
  .trim()
  .max(4_096)
  .regex(/^[\x21-\x7e]*$/, "expected a key without spaces");

const Address = z
  .string()
  .trim()
  .max(2_048)
  .refine((text) => text === "" || isServer(text), "expected an address that begins with http:// or https://");

/** The pushes that check and connect a model. */
export const modelInbound = {
  check_model: z
    .object({
      model: z
        .string()
        .trim()
        .min(1)
        .max(200)
        .regex(/^[^\s,]+$/, "expected a name without spaces and commas"),
      base_url: Address.nullish().describe(
        "Of an OpenAI-compatible server, such as `http://localhost:11434/v1`. Default: OpenAI.",
      ),
      api_key: Key.nullish(),
    })
    .describe(
      "Asks a model for three short replies. Counts as a message. The one that was checked before is forgotten.",
    ),
  stop_check: z.object({}),
  get_models: z
    .object({ base_url: Address.nullish(), api_key: Key.nullish() })
    .describe("The names of the models that a server offers; none if it does not tell within three seconds."),
  use_model: z
    .object({
      check_id: z.string().min(1).max(128),
      save: z.boolean().nullish().describe("Also write it to `.env`, under `npm run dev`."),
    })
    .describe("New turns are answered by the model that was checked."),
} as const;

export type ModelMessage = { [Event in keyof typeof modelInbound]: z.infer<(typeof modelInbound)[Event]> };

function isServer(text: string): boolean {
  const url = URL.parse(text);
  return /^https?:$/.test(url?.protocol ?? "") && !url?.username && !url?.password;
}

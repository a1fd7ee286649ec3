import { compile, type JSONSchema } from "json-schema-to-typescript";
import { z } from "zod";

import { inbound, joinParams } from "../../src/channel/inbound.ts";
import { outbound, Refusal, replies } from "../../src/channel/outbound.ts";
import { ErrorCode } from "../../src/errors.ts";

const head = "// Generated from the schemas in src/channel/ by `npm run docs`.\n";

/** What goes over the channel, as TypeScript for the client, which knows nothing of the server. */
export async function clientTypes(): Promise<string> {
  const { phx_join: Joined, ...answers } = replies;
  const types = {
    ClientEvents: described(inbound, "What a client may push, by event."),
    ServerEvents: described(outbound, "What the server pushes, by event."),
    Replies: described(answers, "The response of an `ok` reply, by the event it answers."),
    JoinParams: z.object(joinParams).partial().describe("What a join may bring."),
    Joined: Joined.describe("The response to a join."),
    Refusal: Refusal.describe("The response of an `error` reply."),
    ErrorCode: ErrorCode.describe("Why something was refused, or failed."),
  };
  const written = await Promise.all(Object.entries(types).map(([name, schema]) => typescript(name, schema)));
  return [head, ...written].join("\n");
}

function described(schemas: Record<string, z.ZodType>, description: string): z.ZodType {
  return z.object(schemas).describe(description);
}

async function typescript(name: string, schema: z.ZodType): Promise<string> {
  const io = name === "ClientEvents" || name === "JoinParams" ? "input" : "output";
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema, {
    unrepresentable: "any",
    io,
    override({ zodSchema, jsonSchema }) {
      const { type } = zodSchema._zod.def;
      if (type === "unknown") jsonSchema.tsType = "unknown";
      if (type === "object" && Object.keys(jsonSchema.properties ?? {}).length === 0) jsonSchema.tsType = "object";
      if (type === "custom") jsonSchema.tsType = "Record<string, unknown>";
    },
  });
  // The library's type is of an older draft than zod's; of the keywords that zod writes it reads all that make a type.
  return await compile(jsonSchema as JSONSchema, name, {
    bannerComment: "",
    additionalProperties: false,
    style: { printWidth: 120 },
  });
}

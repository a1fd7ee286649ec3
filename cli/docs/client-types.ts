import { compile, type JSONSchema } from "json-schema-to-typescript";
import { z } from "zod";

import { inbound, joinParams } from "../../src/channel/inbound.ts";
import { findings } from "../../src/channel/metadata.ts";
import { outbound, Refusal, replies } from "../../src/channel/outbound.ts";
import { ErrorCode } from "../../src/errors.ts";
import { DEFAULT_LIMITS } from "../../src/phoenix/limits.ts";

const head = "// Generated from the schemas in src/channel/ by `npm run docs`.\n";

const limits = `/**
 * What the server reads at all.
 */
export const limits = {
  /**
   * The largest frame. A larger one closes the socket.
   */
  frameBytes: ${DEFAULT_LIMITS.frameBytes},
} as const;
`;

/** Generates the client's TypeScript types from the channel's schemas, since the client does not import from the server. */
export async function clientTypes(): Promise<string> {
  const { phx_join: Joined, ...answers } = replies;
  const found = Object.entries(findings).map(([engine, shape]) => [engine, z.object(shape)]);
  const types = {
    ClientEvents: described(inbound, "The payload of each event that a client can push."),
    ServerEvents: described(outbound, "The payload of each event that the server pushes."),
    Replies: described(answers, "The response of the `ok` reply to each event."),
    Findings: described(Object.fromEntries(found), "What each engine finds, beside the metadata of all answers."),
    JoinParams: z.object(joinParams).partial().describe("The parameters of a join."),
    Joined: Joined.describe("The response of a join's `ok` reply."),
    Refusal: Refusal.describe("The response of an `error` reply."),
    ErrorCode: ErrorCode.describe("Why a push was refused or a turn failed."),
  };
  const written = await Promise.all(Object.entries(types).map(([name, schema]) => typescript(name, schema)));
  return [head, ...written, limits].join("\n");
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
      if (type === "custom" && jsonSchema.type !== "string") jsonSchema.tsType = "Record<string, unknown>";
    },
  });
  // The library's type covers an older JSON Schema draft than zod's, but it understands all keywords that zod uses here.
  return await compile(jsonSchema as JSONSchema, name, {
    bannerComment: "",
    additionalProperties: false,
    style: { printWidth: 120 },
  });
}

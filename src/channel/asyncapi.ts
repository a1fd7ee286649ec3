import { z } from "zod";

import type { Engines } from "../../graphs/chosen-engines.ts";
import { Content, EngineChoice, inbound, joinParams } from "./inbound.ts";
import { ConversationType, RoutedTo } from "./metadata.ts";
import { outbound, Refusal, replies } from "./outbound.ts";

/** The channel as an AsyncAPI 3.0 document, generated from the schemas that validate its payloads. It names the engines that are on. */
export function asyncapi(version: string, engines: Engines, messageMaxChars: number): object {
  const message = messageMaker(engines, messageMaxChars);
  const messages = (schemas: Record<string, z.ZodType>, kind: string): Record<string, Message> => {
    const made = Object.entries(schemas).map(([event, schema]) => message(kind, event, schema));
    return Object.fromEntries(made.map((one) => [one.name, one]));
  };
  const received = messages(inbound, "push");
  const sent = messages(outbound, "event");
  const answered = messages(replies, "reply");
  const join = message("join", "phx_join", z.object(joinParams).partial().describe("Parameters of the join."));
  const refusal = message("refusal", "phx_reply", Refusal.describe("The response of an `error` reply."));
  const all = { ...received, ...sent, ...answered, [join.name]: join, [refusal.name]: refusal };
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Conversation Channel",
      version,
      description:
        "LangGraph agents over Phoenix Channels. Frames are Phoenix's; this document names their events and payloads.",
    },
    defaultContentType: "application/json",
    channels: {
      conversation: {
        address: "conversation:{conversation_id}",
        parameters: { conversation_id: { description: "1 to 128 of the characters A-Z a-z 0-9 _ . : -" } },
        messages: Object.fromEntries(Object.keys(all).map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      ...operations("receive", { [join.name]: join, ...received }, answered, refusal.name),
      ...operations("send", sent),
    },
    components: { messages: all },
  };
}

interface Message {
  name: string;
  title: string;
  summary?: string;
  payload: object;
}

function messageMaker(engines: Engines, messageMaxChars: number) {
  const types = Object.keys(engines);
  const known = new Map<z.core.$ZodType, string[]>([
    [ConversationType, types],
    [EngineChoice, types],
    [RoutedTo, Object.values(engines).map(({ routedTo }) => routedTo)],
  ]);

  return function message(kind: string, event: string, schema: z.ZodType): Message {
    const {
      $schema: _dialect,
      description,
      ...payload
    } = z.toJSONSchema(schema, {
      unrepresentable: "any",
      io: "input",
      override({ zodSchema, jsonSchema }) {
        const names = known.get(zodSchema);
        if (names) jsonSchema.enum = names;
        if (zodSchema === Content) jsonSchema.maxLength = messageMaxChars; // in Unicode code points, as in JSON Schema
      },
    });
    return { name: `${kind}.${event}`, title: event, summary: description, payload };
  };
}

/** As seen from the server: it receives pushes and sends events. */
function operations(
  action: "send" | "receive",
  all: Record<string, Message>,
  answered?: Record<string, Message>,
  refusal?: string,
) {
  const reference = (name: string) => ({ $ref: `#/channels/conversation/messages/${name}` });
  const made = Object.values(all).map(({ name, title }) => {
    const reply = answered?.[`reply.${title}`];
    const possible = [reply?.name, refusal].filter((found) => found !== undefined);
    return [
      `${action}.${title}`,
      {
        action,
        channel: { $ref: "#/channels/conversation" },
        messages: [reference(name)],
        ...(reply && { reply: { channel: { $ref: "#/channels/conversation" }, messages: possible.map(reference) } }),
      },
    ];
  });
  return Object.fromEntries(made);
}

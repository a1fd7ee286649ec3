import { z } from "zod";

import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { Principal } from "../auth/principal.ts";
import { JoinRefused } from "../phoenix/channel.ts";
import { joinParams, LlmConfig } from "./inbound.ts";

/** The valid part of a join's parameters. */
export interface JoinParams {
  userId: string;
  preferences: JsonObject;
  /** The model settings among the preferences. */
  sampling: Sampling;
  /** The preference `include_reasoning`. */
  showsReasoning: boolean;
  resume?: z.infer<typeof joinParams.resume>;
  /** Which parameters were ignored, and why. */
  warnings: readonly string[];
}

const IncludeReasoning = z.boolean().nullish();

const conversationId = /^[A-Za-z0-9_.:-]{1,128}$/;

/** The conversation id in a topic. Throws `JoinRefused` if it is malformed. */
export function conversationOf(topic: string, prefix = "conversation:"): string {
  const id = topic.slice(prefix.length);
  if (conversationId.test(id)) return id;
  throw new JoinRefused({
    reason: "invalid_payload",
    message: "A conversation id consists of 1 to 128 of the characters A-Z a-z 0-9 _ . : -",
  });
}

/** Shared by all members without preferences, to save memory. */
const noPreferences = Object.freeze({
  sampling: Object.freeze({}),
  preferences: Object.freeze({}),
  showsReasoning: false,
  warnings: Object.freeze<string[]>([]),
});

/** Throws `JoinRefused` if the user may not join. */
export function parseJoin(payload: unknown, principal: Principal, allowedModels: ReadonlySet<string>): JoinParams {
  const given = typeof payload === "object" && payload !== null ? payload : {};
  const warnings: string[] = [];

  function part<Name extends "preferences" | "resume">(name: Name): z.infer<(typeof joinParams)[Name]> | undefined {
    const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
    if (value === undefined || value === null) return undefined;
    const parsed = joinParams[name].safeParse(value);
    if (parsed.success) return parsed.data as z.infer<(typeof joinParams)[Name]>; // parsed by this part's own schema
    warnings.push(`${name} was ignored: ${parsed.error.issues[0]?.message}`);
    return undefined;
  }

  const userId = userOf("user_id" in given ? given.user_id : undefined, principal);
  const parsed = part("preferences");
  const wishes = parsed ? wishesOf(parsed, allowedModels, warnings) : noPreferences;
  const { sampling, preferences, showsReasoning } = wishes;
  const resume = part("resume");
  const told = warnings.length > 0 ? warnings : noPreferences.warnings;
  return { userId, preferences, sampling, showsReasoning, resume, warnings: told };
}

/** The user of the key or token. A trusted back end may name any user. */
function userOf(requested: unknown, { userId, mayNameUser }: Principal): string {
  if (requested === undefined || requested === null || requested === userId) return userId;
  const parsed = joinParams.user_id.safeParse(requested);
  if (mayNameUser && parsed.success) return parsed.data;
  throw new JoinRefused({ reason: "unauthorized", message: "The key or token belongs to another user." });
}

/** Takes out the preferences that the server itself reads. The prompts get the others. */
function wishesOf(
  { include_reasoning, ...preferences }: JsonObject,
  allowedModels: ReadonlySet<string>,
  warnings: string[],
) {
  const sampling: Sampling = {};
  const rest: JsonObject = {};
  const includes = IncludeReasoning.safeParse(include_reasoning);
  if (!includes.success)
    warnings.push(`preferences.include_reasoning was ignored: ${includes.error.issues[0]?.message}`);
  for (const [key, value] of Object.entries(preferences)) {
    if (!isSampling(key)) {
      Object.defineProperty(rest, key, { value, enumerable: true });
      continue;
    }
    const parsed = LlmConfig.safeParse({ [key]: value });
    if (!parsed.success) warnings.push(`preferences.${key} was ignored: ${parsed.error.issues[0]?.message}`);
    else if (parsed.data.model && !allowedModels.has(parsed.data.model)) {
      warnings.push("preferences.model was ignored: this server does not offer that model");
    } else Object.assign(sampling, parsed.data);
  }
  return { sampling, preferences: rest, showsReasoning: includes.data === true };
}

function isSampling(key: string): key is keyof Sampling {
  return Object.hasOwn(LlmConfig.shape, key);
}

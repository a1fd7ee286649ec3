import type { z } from "zod";

import type { JsonObject, Sampling } from "../../graphs/host.ts";
import type { Principal } from "../auth/principal.ts";
import { JoinRefused } from "../phoenix/channel.ts";
import { joinParams, LlmConfig } from "./inbound.ts";

/** What a member joined with, after everything that does not fit was left out. */
export interface Joining {
  userId: string;
  preferences: JsonObject;
  /** The preferences' share in the sampling. */
  sampling: Sampling;
  resume?: z.infer<typeof joinParams.resume>;
  /** What was left out, and why. */
  warnings: readonly string[];
}

const conversationId = /^[A-Za-z0-9_.:-]{1,128}$/;

/** The conversation that a topic names; refuses the join when its id is not one. */
export function conversationOf(topic: string, prefix = "conversation:"): string {
  const id = topic.slice(prefix.length);
  if (conversationId.test(id)) return id;
  throw new JoinRefused({
    reason: "invalid_payload",
    message: "A conversation id has 1 to 128 of A-Z a-z 0-9 _ . : -",
  });
}

/** Of the many that ask for nothing: one for all, since an idle connection should cost little. */
const noWishes = Object.freeze({
  sampling: Object.freeze({}),
  preferences: Object.freeze({}),
  warnings: Object.freeze<string[]>([]),
});

export function joining(payload: unknown, principal: Principal, allowedModels: ReadonlySet<string>): Joining {
  const given = typeof payload === "object" && payload !== null ? payload : {};
  const warnings: string[] = [];

  function part<Name extends "preferences" | "resume">(name: Name): z.infer<(typeof joinParams)[Name]> | undefined {
    const value: unknown = Object.entries(given).find(([key]) => key === name)?.[1];
    if (value === undefined || value === null) return undefined;
    const parsed = joinParams[name].safeParse(value);
    if (parsed.success) return parsed.data as z.infer<(typeof joinParams)[Name]>; // parsed by this part's own schema
    warnings.push(`${name} was left out: ${parsed.error.issues[0]?.message}`);
    return undefined;
  }

  const userId = userOf("user_id" in given ? given.user_id : undefined, principal);
  const wanted = part("preferences");
  const { sampling, preferences } = wanted ? samplingOf(wanted, allowedModels, warnings) : noWishes;
  const resume = part("resume");
  return { userId, preferences, sampling, resume, warnings: warnings.length > 0 ? warnings : noWishes.warnings };
}

/** The key or token names the user; the client may repeat it, or a trusted back end name it. */
function userOf(wanted: unknown, { userId, mayNameUser }: Principal): string {
  if (wanted === undefined || wanted === null || wanted === userId) return userId;
  const named = joinParams.user_id.safeParse(wanted);
  if (mayNameUser && named.success) return named.data;
  throw new JoinRefused({ reason: "unauthorized", message: "The key or token is another user's." });
}

function samplingOf(preferences: JsonObject, allowedModels: ReadonlySet<string>, warnings: string[]) {
  const sampling: Sampling = {};
  const rest: JsonObject = {};
  for (const [key, value] of Object.entries(preferences)) {
    if (!isSampling(key)) {
      Object.defineProperty(rest, key, { value, enumerable: true });
      continue;
    }
    const parsed = LlmConfig.safeParse({ [key]: value });
    if (!parsed.success) warnings.push(`preferences.${key} was left out: ${parsed.error.issues[0]?.message}`);
    else if (parsed.data.model && !allowedModels.has(parsed.data.model)) {
      warnings.push("preferences.model was left out: this server does not offer that model");
    } else Object.assign(sampling, parsed.data);
  }
  return { sampling, preferences: rest };
}

function isSampling(key: string): key is keyof Sampling {
  return Object.hasOwn(LlmConfig.shape, key);
}

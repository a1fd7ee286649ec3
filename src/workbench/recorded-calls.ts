import { isDeepStrictEqual } from "node:util";

import type { Host } from "../../graphs/host.ts";
import type { ToolCallEvent } from "../../graphs/progress.ts";
import { ChannelError } from "../errors.ts";
import type { RecordedCall } from "../store/records.ts";
import { toldInput } from "../turns/tool-calls.ts";
import type { Past } from "./past.ts";
import type { ReplayedCall } from "./wire/turns.ts";

export interface ReplayedCalls {
  toolCall: Host["toolCall"];
  /** In the order in which they began. */
  all: readonly ReplayedCall[];
}

/** In UTF-16 units. What a sentence quotes of an input. */
const maxQuoteUnits = 200;

/** The tool calls of a replay; without a past, tools run. A call without a recorded result ends it: `fail` gets a ChannelError. */
export function replayedCalls(past: Past | undefined, fail: (error: ChannelError) => void): ReplayedCalls {
  const left = [...(past?.calls ?? [])];
  const all: ReplayedCall[] = [];

  /** Takes the first call of the tool that has this input, otherwise the first one. */
  function take(tool: string, input: unknown): RecordedCall | undefined {
    const ofTool = left.filter(({ told }) => told.tool_name === tool);
    const found = ofTool.find(({ told }) => isDeepStrictEqual(told.input, input)) ?? ofTool[0];
    if (found) left.splice(left.indexOf(found), 1);
    return found;
  }

  function start({ tool_name, input: whole, usesRecorded }: ToolCallEvent): { output: unknown } | undefined {
    const input = toldInput(whole);
    if (past?.tools !== "recorded") {
      all.push({ tool_name, input, from: "live" });
      return undefined;
    }
    const found = take(tool_name, input);
    if (!found) throw missing(`The replay calls ${words(tool_name, input)}, a call that the turn did not make.`);
    if (found.output === undefined)
      throw missing(
        `The turn has no result of ${words(tool_name, input)}: it was too long to keep, or the call did not end.`,
      );
    if (!usesRecorded)
      throw missing(`The tool "${tool_name}" is not called by a tool node, so its result in the turn cannot be used.`);
    const isSame = isDeepStrictEqual(found.told.input, input);
    all.push({
      tool_name,
      input,
      ...(isSame ? { from: "same_input" } : { from: "other_input", recorded_input: found.told.input }),
    });
    return { output: found.output };
  }

  return {
    all,
    async toolCall(event) {
      if (event.stage !== "started") return undefined;
      try {
        return start(event);
      } catch (error) {
        if (error instanceof ChannelError) fail(error);
        throw error;
      }
    },
  };
}

function missing(sentence: string): ChannelError {
  return new ChannelError("not_recorded", `${sentence} Only a replay with live tools can run it.`);
}

function words(tool: string, input: unknown): string {
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return `"${tool}" with ${text.length > maxQuoteUnits ? `${text.slice(0, maxQuoteUnits).toWellFormed()} …` : text}`;
}

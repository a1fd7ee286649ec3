import { InvalidSettings } from "./invalid-settings.ts";
import { flagExpected, flagOf } from "./kinds.ts";

/** The switches of LangChain's own tracer. The first one that is set decides. */
const switches = ["LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2", "LANGCHAIN_TRACING"] as const;

/**
 * Makes LANGSMITH_TRACING the only switch for traces: LangChain turns its own tracer on for each of four switches, and knows only `true`.
 * LANGCHAIN_VERBOSE is dropped, because it prints what users write to stdout. Throws InvalidSettings if a switch is neither on nor off.
 */
export function langChainSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { LANGCHAIN_VERBOSE: _, ...settings } = environment;
  const decisive = switches.find((name) => settings[name]?.trim());
  const value = decisive && settings[decisive];
  for (const name of switches) delete settings[name];
  if (value !== undefined) {
    const isOn = flagOf(value);
    if (isOn === undefined) throw new InvalidSettings([`${decisive}: ${flagExpected(value)}`]);
    settings.LANGSMITH_TRACING = String(isOn);
  }
  // By default, LangChain runs callbacks in a background queue, where a slow callback loses the events of other runs.
  settings.LANGCHAIN_CALLBACKS_BACKGROUND ??= "false";
  return settings;
}

import type { PromptSet } from "../../graphs/prompt.ts";
import type { HistoryStore } from "../store/history.ts";
import type { Log } from "../telemetry/log.ts";

/** Stores the prompt texts, once per version of the prompt folder, in the background. */
export function promptKeeper(history: Pick<HistoryStore, "keepTexts">, log: Log): (prompts: PromptSet) => void {
  const kept = new WeakSet<PromptSet>();
  return (prompts) => {
    if (kept.has(prompts)) return;
    kept.add(prompts);
    history.keepTexts([...prompts.values()]).catch((error: unknown) => {
      kept.delete(prompts);
      log.error({ err: error }, "prompt texts were not stored");
    });
  };
}

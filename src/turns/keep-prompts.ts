import type { PromptSet } from "../../graphs/prompt.ts";
import type { HistoryStore } from "../store/history.ts";
import type { Log } from "../telemetry/log.ts";

/** Keeps what turns are asked with, once for each state of the prompt folder; no answer waits for it. */
export function promptKeeper(history: Pick<HistoryStore, "keepTexts">, log: Log): (prompts: PromptSet) => void {
  const kept = new WeakSet<PromptSet>();
  return (prompts) => {
    if (kept.has(prompts)) return;
    kept.add(prompts);
    history.keepTexts([...prompts.values()]).catch((error: unknown) => {
      kept.delete(prompts);
      log.error({ err: error }, "the texts of the prompts were not kept");
    });
  };
}

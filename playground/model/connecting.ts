import { batch, signal } from "@preact/signals";

import { workbench } from "../session/workbench-link.ts";

export const kinds = ["plain", "streamed", "structured"] as const;

/** One of the doctor's checks, as the server sends it. */
export interface Check {
  kind: (typeof kinds)[number];
  result: "ok" | "failed" | "skipped";
  ms?: number;
  first_word_ms?: number;
  note?: string;
  said?: string;
  status?: number;
  help?: string;
}

/** The end of a check: whether the model is fit for use, and what to change if it is not. */
interface Checked {
  can_use: boolean;
  is_fit: boolean;
  sentence: string;
}

interface Wanted {
  base_url: string;
  model: string;
  api_key: string;
  isKept: boolean;
}

export type Progress =
  | { state: "idle" }
  | { state: "checking" }
  | { state: "unfit"; sentence: string; canUse: boolean }
  | { state: "connected"; model: string; overridden: string[]; isKept: boolean }
  | { state: "failed"; sentence: string };

export const progress = signal<Progress>({ state: "idle" });
export const checks = signal<readonly Check[]>([]);

/** The check that is shown. Events of other checks are ignored. */
let current = "";
let wanted: Wanted | undefined;

/** Checks a model, and uses it if it is fit. */
export async function connectModel(asked: Wanted): Promise<void> {
  batch(() => {
    progress.value = { state: "checking" };
    checks.value = [];
  });
  wanted = asked;
  const { base_url, model, api_key } = asked;
  try {
    const { check_id } = await workbench.push<{ check_id: string }>("check_model", { base_url, model, api_key });
    current = check_id;
  } catch (error) {
    fail(error);
  }
}

/** Counts the requests for a server's models; only the last one matters. */
let asked = 0;

/** The names of the models that a server offers. Empty if it does not list them, or if another request has been made since. */
export async function offeredModels(base_url: string, api_key: string): Promise<readonly string[]> {
  asked += 1;
  const mine = asked;
  const none = { models: [] as string[] };
  const { models } = await workbench.push<typeof none>("get_models", { base_url, api_key }).catch(() => none);
  return mine === asked ? models : [];
}

/** Uses the model that was checked. */
export async function takeChecked(): Promise<void> {
  if (!wanted) return;
  const { model, isKept } = wanted;
  try {
    const use = { check_id: current, save: isKept };
    const { overridden } = await workbench.push<{ overridden: string[] }>("use_model", use);
    progress.value = { state: "connected", model, overridden, isKept };
  } catch (error) {
    fail(error);
  }
}

/** Stops a running check, and forgets the key. */
export function stopConnecting(): void {
  if (progress.value.state === "checking") workbench.push("stop_check", {}).catch(() => {}); // leaving ends it, too
  current = "";
  wanted = undefined;
  batch(() => {
    progress.value = { state: "idle" };
    checks.value = [];
  });
}

function fail(error: unknown): void {
  progress.value = { state: "failed", sentence: error instanceof Error ? error.message : String(error) };
}

workbench.on("model_check", ({ check_id, ...check }: Check & { check_id: string }) => {
  if (check_id === current) checks.value = [...checks.value, check];
});

workbench.on("model_checked", ({ check_id, is_fit, can_use, sentence }: Checked & { check_id: string }) => {
  if (check_id !== current) return;
  if (is_fit) void takeChecked();
  else progress.value = { state: "unfit", sentence, canUse: can_use };
});

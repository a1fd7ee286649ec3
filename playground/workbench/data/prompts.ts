import { computed, signal } from "@preact/signals";

import type {
  FrontMatterKey,
  Joined,
  LineChange,
  Problem,
  PromptFile,
  Prompts,
  Version,
} from "../../../src/workbench/wire/prompts.ts";
import { workbench } from "../../session/workbench-link.ts";
import { whileJoined } from "./joined.ts";

/** What a draft was made from. */
type Base = Pick<PromptFile, "hash" | "source">;

const files = signal<ReadonlyMap<string, PromptFile>>(new Map());
const drafts = signal<ReadonlyMap<string, { source: string; base: Base }>>(new Map());
const canEdit = signal(false);
const models = computed<readonly string[]>(() => workbench.joined.value?.models ?? []);
const frontMatterKeys = signal<readonly FrontMatterKey[]>([]);

/** The prompt files on the server's disk, and their unsaved changes (drafts). */
export const prompts = {
  canEdit,
  models,
  frontMatterKeys,
  files: computed(() => [...files.value.values()]),
  draftNames: computed(() => [...drafts.value.keys()].toSorted()),
  file: (name: string) => files.value.get(name),
  isDraft: (name: string) => drafts.value.has(name),
  source: (name: string) => drafts.value.get(name)?.source ?? files.value.get(name)?.source ?? "",
  /** True if the file has changed since the draft was started. */
  isConflict(name: string): boolean {
    const draft = drafts.value.get(name);
    return draft !== undefined && draft.base.source !== files.value.get(name)?.source;
  },
  write(name: string, source: string): void {
    const file = files.value.get(name);
    if (!file || source === prompts.source(name)) return;
    const base = drafts.value.get(name)?.base ?? file;
    setDraft(name, source === file.source ? undefined : { source, base });
  },
  revert: (name: string): void => setDraft(name, undefined),
  /** Keeps the draft, now based on the current file. */
  keepMine(name: string): void {
    const [draft, file] = [drafts.value.get(name), files.value.get(name)];
    if (draft && file) setDraft(name, { ...draft, base: file });
  },
  /** Rejects with the code `invalid_prompt` and all problems in the details. */
  check: (name: string, source: string) => workbench.push<{ hash: string }>("check_prompt", { name, source }),
  versions: async (name: string) => (await workbench.push<{ versions: Version[] }>("get_versions", { name })).versions,
  compare: async (before: string, after: string) =>
    (await workbench.push<{ lines: LineChange[] }>("compare", { before, after })).lines,
  save,
};

/** Rejects with `invalid_prompt`, or with `edit_conflict` if the file has changed. The draft is kept. */
async function save(name: string): Promise<void> {
  const draft = drafts.value.get(name);
  if (!draft) return;
  const { source, base } = draft;
  try {
    const { hash } = await workbench.push<{ hash: string }>("save_prompt", { name, source, was: base.hash });
    const now = drafts.value.get(name);
    if (now?.source === source) setDraft(name, undefined);
    else if (now) setDraft(name, { ...now, base: { hash, source } }); // it was edited while it was being saved
    onDisk(name, { hash, source });
  } catch (cause) {
    const refusal = cause as { code: string; details?: Partial<Base> }; // the workbench has codes of its own
    const { hash = "", source: found } = refusal.details ?? {};
    if (refusal.code !== "edit_conflict" || found === undefined) throw refusal;
    onDisk(name, { hash, source: found });
    if (found !== base.source) throw refusal;
    setDraft(name, { source, base: { hash, source: found } }); // an invalid file is listed with the hash of its last valid version
    await save(name);
  }
}

/** The problems in a refusal of a text. */
export function problemsOf(refusal: unknown): Problem[] {
  const { code, details } = refusal as { code?: string; details?: { problems?: Problem[] } };
  return code === "invalid_prompt" ? (details?.problems ?? []) : [];
}

function setDraft(name: string, draft: { source: string; base: Base } | undefined): void {
  const next = new Map(drafts.value);
  if (draft) next.set(name, draft);
  else next.delete(name);
  drafts.value = next;
}

function onDisk(name: string, found: Base): void {
  const file = files.value.get(name);
  if (file) files.value = new Map(files.value).set(name, { ...file, ...found });
}

function take(shown: Prompts): void {
  canEdit.value = shown.can_edit;
  files.value = new Map(shown.prompts.map((file) => [file.name, file]));
  for (const [name, { source }] of drafts.value) {
    if (!files.value.has(name) || files.value.get(name)?.source === source) setDraft(name, undefined);
  }
}

workbench.on<Prompts>("prompts_changed", take);
whileJoined((joined: Joined) => {
  frontMatterKeys.value = joined.front_matter;
  take(joined);
});
